-- Who is at a maildrop, or waits for it, on whatever node: the lowest ticket has it. Those of nodes that are not in the list count for
-- nothing.
CREATE TABLE maildrop_line (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    ticket BIGINT NOT NULL,
    node TEXT NOT NULL,
    PRIMARY KEY (account_id, ticket)
);

-- The last ticket that was drawn; none is given out twice.
ALTER TABLE account_sync ADD COLUMN maildrop_ticket BIGINT NOT NULL DEFAULT 0;
