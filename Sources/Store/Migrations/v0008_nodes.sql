-- What a node says of itself, for those who look after it. is_syncing: it takes its share of the accounts.
ALTER TABLE nodes ADD COLUMN host TEXT;
ALTER TABLE nodes ADD COLUMN version TEXT;
ALTER TABLE nodes ADD COLUMN seen_at BIGINT;
ALTER TABLE nodes ADD COLUMN is_syncing BIGINT NOT NULL DEFAULT 1;

-- What a dead node had taken.
CREATE INDEX submissions_by_owner ON submissions (locked_by) WHERE locked_by IS NOT NULL;
CREATE INDEX webhook_deliveries_by_owner ON webhook_deliveries (locked_by) WHERE locked_by IS NOT NULL;
