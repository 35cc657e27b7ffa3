-- Who owns an address: 'verified' (it is proven), 'assumed' (nothing speaks against it), 'pending' (it is
-- not proven; such an account receives nothing and holds up no other).
ALTER TABLE channels ADD COLUMN verification TEXT NOT NULL DEFAULT 'assumed';

-- An address has one owner only where accounts share a callback: those of Meta, by the app that signs, and
-- those of Email Routing.
DROP INDEX channels_by_address;
DROP INDEX channels_by_second_address;
CREATE INDEX channels_by_address ON channels (kind, address, app_secret_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX channels_by_owner ON channels (kind, address, app_secret_id)
  WHERE deleted_at IS NULL AND verification <> 'pending' AND kind IN ('whatsapp', 'facebook', 'instagram');
CREATE UNIQUE INDEX channels_by_second_owner ON channels (kind, address, second_secret_id)
  WHERE deleted_at IS NULL AND verification <> 'pending' AND second_secret_id <> '';
CREATE UNIQUE INDEX channels_by_mailbox ON channels (address)
  WHERE deleted_at IS NULL AND verification <> 'pending' AND kind = 'email'
    AND settings ->> 'provider' = 'cloudflare';
