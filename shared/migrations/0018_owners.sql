-- Who owns an address: 'verified' (proven), 'assumed' (nobody was asked: connected before this, or known by
-- a URL of its own), 'pending' (not proven: such an account receives nothing and blocks no other).
ALTER TABLE channels ADD COLUMN verification TEXT NOT NULL DEFAULT 'assumed';
ALTER TABLE channels ADD COLUMN verification_error TEXT; -- why it is pending
ALTER TABLE channels ADD COLUMN verify_at INTEGER; -- when to ask again; NULL: nothing is pending

-- An address has one owner only where accounts share a callback: those of Meta, by the app that signs, and
-- those of Email Routing.
DROP INDEX channels_by_address;
DROP INDEX channels_by_second_address;
CREATE INDEX channels_by_address ON channels (kind, address, app_secret_id)
  WHERE deleted_at IS NULL AND verification <> 'pending';
CREATE UNIQUE INDEX channels_by_owner ON channels (kind, address, app_secret_id)
  WHERE deleted_at IS NULL AND verification <> 'pending' AND kind IN ('whatsapp', 'facebook', 'instagram');
CREATE UNIQUE INDEX channels_by_second_owner ON channels (kind, address, second_secret_id)
  WHERE deleted_at IS NULL AND verification <> 'pending' AND second_secret_id <> '';
CREATE UNIQUE INDEX channels_by_mailbox ON channels (address)
  WHERE deleted_at IS NULL AND verification <> 'pending' AND kind = 'email'
    AND settings ->> 'provider' = 'cloudflare';
CREATE INDEX channels_by_verify_at ON channels (verify_at)
  WHERE deleted_at IS NULL AND verify_at IS NOT NULL;
