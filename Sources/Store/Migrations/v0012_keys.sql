-- Data keys are replaced while nodes run. is_ready: every node can open what it seals, so it may seal. A node says which is the newest key
-- that it can open, and which it seals with; null where its version knows of one key only.
ALTER TABLE data_keys ADD COLUMN is_ready BIGINT NOT NULL DEFAULT 1;
ALTER TABLE nodes ADD COLUMN opens_key BIGINT;
ALTER TABLE nodes ADD COLUMN seals_key BIGINT;
