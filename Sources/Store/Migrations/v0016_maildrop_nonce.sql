-- By what whoever draws a ticket knows it, also where the answer was lost that names the ticket.
ALTER TABLE maildrop_line ADD COLUMN nonce TEXT NOT NULL DEFAULT '';
