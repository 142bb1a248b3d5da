-- source tells two hand-overs of one thing (a draft, the request of an idempotency key) from two things.
ALTER TABLE submissions ADD COLUMN source TEXT;
CREATE UNIQUE INDEX submissions_by_source ON submissions (account_id, source) WHERE source IS NOT NULL;

-- Work is taken account by account and step by step, so that no account's long queue hides another's.
DROP INDEX submissions_due;
CREATE INDEX submissions_queue ON submissions (account_id, phase, due_at) WHERE due_at IS NOT NULL AND locked_by IS NULL;

-- Whether an account's server puts what it is given into Sent by itself; no row where that is not known yet.
CREATE TABLE sent_filing (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    is_by_server BIGINT NOT NULL,
    noted_at BIGINT NOT NULL
);
