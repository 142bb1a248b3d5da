-- What a POP3 server calls its messages, and the UID that we give each in the index: in the order of the maildrop. A row goes when the
-- server has the message no more. fingerprint is a hash of header fields, null until the header was read; seen_at begins the retention
-- clock; announced is the place of its message.created in the event log, null where there was none; delivered_at is when every webhook
-- that wanted it had acknowledged it.
CREATE TABLE pop3_seen (
    mailbox BIGINT NOT NULL REFERENCES mailboxes (number) ON DELETE CASCADE,
    uidl TEXT NOT NULL,
    uid BIGINT NOT NULL,
    size BIGINT NOT NULL,
    fingerprint TEXT,
    seen_at BIGINT NOT NULL,
    announced BIGINT,
    delivered_at BIGINT,
    PRIMARY KEY (mailbox, uidl),
    UNIQUE (mailbox, uid)
);
