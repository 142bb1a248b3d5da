-- Mailboxes that the sync does not look at: 0 while it does not, since when it does again, null where it always did.
ALTER TABLE mailboxes ADD COLUMN wanted_at BIGINT;
