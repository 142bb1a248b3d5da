-- Access and refresh tokens. sealed is null until the first was issued; who holds the lock renews. Rows go with the credentials that
-- they were got by; lock_epoch begins with the time, so that no renewal of before fits a new row.
CREATE TABLE oauth_tokens (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    holder TEXT NOT NULL,
    sealed BYTEA,
    expires_at BIGINT,
    renewed_at BIGINT,
    locked_by TEXT,
    locked_until BIGINT,
    lock_epoch BIGINT NOT NULL,
    PRIMARY KEY (account_id, holder)
);
CREATE INDEX oauth_tokens_by_renewal ON oauth_tokens (renewed_at) WHERE renewed_at IS NOT NULL;

-- Somebody is being asked to connect a mailbox. Of the secrets in links only the SHA-256: link is that of the page, state that of the
-- provider's redirect, result that of the answer to the caller. sealed is the rest of what was asked and what came of it.
CREATE TABLE authorizations (
    id TEXT NOT NULL PRIMARY KEY,
    link BYTEA NOT NULL UNIQUE,
    state BYTEA UNIQUE,
    result BYTEA UNIQUE,
    status TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX authorizations_expiring ON authorizations (expires_at);

-- When a token was used last, to the minute; the addresses it may be used from, and how often.
ALTER TABLE tokens ADD COLUMN last_used_at BIGINT;
ALTER TABLE tokens ADD COLUMN addresses TEXT;
ALTER TABLE tokens ADD COLUMN rate_limit BIGINT;

-- Tickets of those whom an identity provider vouches for: they have no token here, and no more rights than accounts says.
ALTER TABLE stream_tickets ADD COLUMN holder TEXT;
ALTER TABLE stream_tickets ADD COLUMN holder_ends_at BIGINT;

-- Who did what to which account. Nothing refers to it, and it refers to nothing: it outlives what it tells of.
CREATE TABLE audit_log (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    principal TEXT NOT NULL,
    operation TEXT NOT NULL,
    account_id TEXT,
    status BIGINT NOT NULL,
    address TEXT,
    request_id TEXT
);
CREATE INDEX audit_log_by_time ON audit_log (at, id);
CREATE INDEX audit_log_by_account ON audit_log (account_id, at, id) WHERE account_id IS NOT NULL;
