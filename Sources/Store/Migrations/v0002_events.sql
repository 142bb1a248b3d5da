-- The event log. `account_id` refers to nothing: that an account was deleted is told after it is gone.
CREATE TABLE events (
    sequence BIGINT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT,
    type TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    payload BYTEA NOT NULL
);

-- The last sequence given out, in one row. Whoever appends holds this row until the commit, so that numbers become visible in their
-- order: a reader who has seen n will never find another event below n. A database's own sequence does not promise that.
CREATE TABLE event_counter (
    id BIGINT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO event_counter (id, last) VALUES (1, 0);

-- Short-lived keys to the event stream for browsers; only their SHA-256. A null token is the one of the settings.
CREATE TABLE stream_tickets (
    digest BYTEA NOT NULL PRIMARY KEY,
    token_id TEXT REFERENCES tokens (id) ON DELETE CASCADE,
    accounts TEXT,
    expires_at BIGINT NOT NULL
);
CREATE INDEX stream_tickets_by_token ON stream_tickets (token_id) WHERE token_id IS NOT NULL;
CREATE INDEX stream_tickets_expiring ON stream_tickets (expires_at);

-- For counting what waits, without reading what is finished.
CREATE INDEX accounts_by_state ON accounts (state);
CREATE INDEX submissions_open ON submissions (state) WHERE state IN ('scheduled', 'queued', 'sending', 'unknown');
