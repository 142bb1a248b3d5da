-- Where events are sent. `sealed` holds the URL, which may carry a secret itself, and the signing secrets; `settings` the rest of what a
-- caller decides. `position` is a place in the event log: what lies behind it has not been looked at for this webhook.
CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL,
    settings TEXT NOT NULL,
    is_ordered BIGINT NOT NULL,
    state TEXT NOT NULL,
    disabled_reason TEXT,
    position BIGINT NOT NULL,
    secret_expires_at BIGINT,
    failures BIGINT NOT NULL,
    pauses BIGINT NOT NULL,
    open_until BIGINT,
    last_status BIGINT,
    last_error TEXT,
    last_success_at BIGINT,
    last_failure_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX webhooks_by_time ON webhooks (created_at, id);

-- One row for each event that a webhook gets; what the event says stays in the log. due_at is null where nothing is to be done,
-- account_id is empty for events of no account (only the order within one account is kept).
CREATE TABLE webhook_deliveries (
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    is_ordered BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT,
    created_at BIGINT NOT NULL,
    attempted_at BIGINT,
    last_status BIGINT,
    last_error TEXT,
    locked_by TEXT,
    locked_until BIGINT,
    lock_epoch BIGINT NOT NULL,
    PRIMARY KEY (webhook_id, sequence)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, due_at, sequence)
    WHERE due_at IS NOT NULL AND locked_by IS NULL;
CREATE INDEX webhook_deliveries_locked ON webhook_deliveries (locked_until) WHERE locked_by IS NOT NULL;
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (webhook_id, state, sequence);
CREATE INDEX webhook_deliveries_ordered ON webhook_deliveries (webhook_id, account_id, state, sequence)
    WHERE is_ordered = 1;
