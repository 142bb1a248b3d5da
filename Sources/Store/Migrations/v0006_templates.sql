-- Messages with placeholders. sealed holds subject and bodies.
CREATE TABLE templates (
    id TEXT NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX templates_by_time ON templates (created_at, id);

-- How far the event log was looked at for reports and for submissions that succeeded.
CREATE TABLE outcome_position (
    id BIGINT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL
);
INSERT INTO outcome_position (id, position) SELECT 1, last FROM event_counter WHERE id = 1;

-- What is still to be done after mail was sent or has arrived. kind `report`: a message that may tell what became of others, to be
-- read; `mark`: the original that a submission answers gets keyword once the submission is sent, until then due_at is null. Whoever
-- takes a row moves due_at to when somebody else may take it, and attempts tells whether nobody did.
CREATE TABLE outcome_tasks (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email_id TEXT NOT NULL,
    submission_id TEXT REFERENCES submissions (id) ON DELETE CASCADE,
    keyword TEXT,
    attempts BIGINT NOT NULL,
    due_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX outcome_tasks_due ON outcome_tasks (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX outcome_tasks_by_account ON outcome_tasks (account_id);
CREATE INDEX outcome_tasks_by_submission ON outcome_tasks (submission_id) WHERE submission_id IS NOT NULL;

-- What reports said of a submission's recipients: one row a report. sealed names the recipients.
CREATE TABLE submission_reports (
    submission_id TEXT NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL,
    email_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (submission_id, account_id, email_id)
);

CREATE INDEX submissions_by_message_id ON submissions (message_id);
