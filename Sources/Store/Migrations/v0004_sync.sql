-- Who works on which account. A node is alive until its time; what it leases is free after that.
CREATE TABLE nodes (
    id TEXT NOT NULL PRIMARY KEY,
    started_at BIGINT NOT NULL,
    alive_until BIGINT NOT NULL
);

-- Numbers for rows that other rows point at by the hundred thousand.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO counters (name, last) VALUES ('account', 0), ('mailbox', 0);

-- One row an account. epoch grows with each lease; synced_at is when the first pass over all mailboxes ended.
CREATE TABLE account_sync (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    number BIGINT NOT NULL UNIQUE,
    node TEXT,
    epoch BIGINT NOT NULL,
    synced_at BIGINT
);
CREATE INDEX account_sync_by_node ON account_sync (node, number);

INSERT INTO account_sync (account_id, number, epoch)
    SELECT id, ROW_NUMBER() OVER (ORDER BY created_at, id), 0 FROM accounts;
UPDATE counters SET last = (SELECT COUNT(*) FROM account_sync) WHERE name = 'account';

-- The cursor of each mailbox. document is what was announced of it, null until it was. UIDs below backfill are still to be read; those
-- from uid_next on are still to be announced. generation grows with each new UIDVALIDITY.
CREATE TABLE mailboxes (
    number BIGINT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    path TEXT NOT NULL,
    document TEXT,
    uid_validity BIGINT NOT NULL,
    uid_next BIGINT NOT NULL,
    mod_seq BIGINT,
    total BIGINT NOT NULL,
    unread BIGINT,
    backfill BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    checked_at BIGINT,
    UNIQUE (account_id, id),
    UNIQUE (account_id, path)
);

-- One row a message and mailbox. Rows of an older UIDVALIDITY have uid + generation * 2^32 until the mailbox is read again.
-- is_leaving: we moved or deleted it ourselves, and the sync has not seen that yet.
CREATE TABLE messages (
    mailbox BIGINT NOT NULL REFERENCES mailboxes (number) ON DELETE CASCADE,
    uid BIGINT NOT NULL,
    email_id TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    keywords TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    size BIGINT NOT NULL,
    is_leaving BIGINT NOT NULL,
    PRIMARY KEY (mailbox, uid)
);
CREATE INDEX messages_by_email ON messages (email_id, mailbox);
CREATE INDEX messages_by_thread ON messages (thread_id, mailbox);

-- Which conversation a message belongs to that names one of these: hashes of a Message-ID and the base subject.
CREATE TABLE thread_refs (
    account BIGINT NOT NULL REFERENCES account_sync (number) ON DELETE CASCADE,
    hash BIGINT NOT NULL,
    thread_id TEXT NOT NULL,
    PRIMARY KEY (account, hash)
);
