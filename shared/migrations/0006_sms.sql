-- Who does not want messages of an account any more, or wants them again: the newest word of each
-- number counts, in whatever order the words come.
CREATE TABLE opt_outs (
  business_id TEXT NOT NULL,
  number TEXT NOT NULL, -- as the customer's messages come from it
  channel_id TEXT NOT NULL,
  is_out INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, number, channel_id)
) WITHOUT ROWID;

-- When a message was last tried, by which the provider's list is searched for it.
ALTER TABLE sends ADD COLUMN tried_at INTEGER;

-- Short codes and names that senders go by instead of numbers.
CREATE INDEX identities_of_sms ON identities (business_id, customer_id) WHERE kind = 'sms_sender';
