-- One text for SQLite and PostgreSQL: BIGINT, TEXT and BYTEA mean the right thing to both.
-- Times are milliseconds since 1970, documents are JSON in TEXT, sealed values are BYTEA.

CREATE TABLE data_keys (
    id BIGINT NOT NULL PRIMARY KEY,
    master_key TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT,
    email TEXT NOT NULL,
    username TEXT,
    servers TEXT NOT NULL,
    state TEXT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX accounts_by_time ON accounts (created_at, id);

CREATE TABLE credentials (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    sealed BYTEA NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    digest BYTEA NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    accounts TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX tokens_by_time ON tokens (created_at, id);
CREATE INDEX tokens_expiring ON tokens (expires_at) WHERE expires_at IS NOT NULL;

-- The content of queued messages. A blob is owned once a submission refers to it; others are leftovers of a broken upload.
CREATE TABLE blobs (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    is_owned BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX blobs_by_account ON blobs (account_id);
CREATE INDEX blobs_unowned ON blobs (created_at) WHERE is_owned = 0;

CREATE TABLE blob_chunks (
    blob_id TEXT NOT NULL REFERENCES blobs (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (blob_id, position)
);

-- due_at says when a worker has to look at the row next, for the step that `phase` names; null where nothing is to be done.
CREATE TABLE submissions (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    phase TEXT NOT NULL,
    message_id TEXT NOT NULL,
    send_at BIGINT,
    created_at BIGINT NOT NULL,
    due_at BIGINT,
    attempts BIGINT NOT NULL,
    copy_attempts BIGINT NOT NULL,
    save_to_sent BIGINT NOT NULL,
    sent_message_id TEXT,
    envelope BYTEA NOT NULL,
    blob_id TEXT,
    size BIGINT NOT NULL,
    locked_by TEXT,
    locked_until BIGINT,
    lock_epoch BIGINT NOT NULL
);
CREATE INDEX submissions_by_time ON submissions (created_at, id);
CREATE INDEX submissions_by_account ON submissions (account_id, created_at, id);
CREATE INDEX submissions_due ON submissions (due_at) WHERE due_at IS NOT NULL AND locked_by IS NULL;
CREATE INDEX submissions_locked ON submissions (locked_until) WHERE locked_by IS NOT NULL;

CREATE TABLE idempotency_keys (
    principal TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    claim TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    response BYTEA,
    PRIMARY KEY (principal, idempotency_key)
);
CREATE INDEX idempotency_keys_expiring ON idempotency_keys (expires_at);
