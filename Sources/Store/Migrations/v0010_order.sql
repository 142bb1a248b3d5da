-- Lists in the order of arrival: a page is read from the index instead of a whole mailbox being sorted by its server.
CREATE INDEX messages_by_arrival ON messages (mailbox, received_at, uid);
