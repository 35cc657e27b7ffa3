-- A domain all of whose mail is answers to one account's. Only what Email Routing hands over is looked up by it,
-- and only accounts of it prove theirs: what others write there must not stand before them. The index that this
-- one replaces stays: Workers of before, which run until the deployment is done, name it.
CREATE INDEX channels_by_routed_reply_domain ON channels (settings ->> 'reply_domain')
  WHERE kind = 'email' AND settings ->> 'provider' = 'cloudflare' AND deleted_at IS NULL;
