-- What every channel needs beside WhatsApp.

-- By which address of theirs the customer last wrote to the account; answers go there.
ALTER TABLE conversations ADD COLUMN contact TEXT;

-- A provider whose webhooks have an address of their own names the account by our id.
CREATE UNIQUE INDEX channels_by_id ON channels (id) WHERE deleted_at IS NULL;

-- Whether the business wrote it, by other means than ours.
ALTER TABLE inbound_items ADD COLUMN is_echo INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbound_items ADD COLUMN email TEXT; -- for a sender who is new
ALTER TABLE inbound_items ADD COLUMN contact TEXT; -- where an answer goes
-- Whose it is by the thread that it answers.
ALTER TABLE inbound_items ADD COLUMN known_customer_id TEXT;
