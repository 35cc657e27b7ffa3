-- Comments on a page's posts: a page has one owner for them among the accounts of an app, as for its messages.
DROP INDEX channels_by_owner;
CREATE UNIQUE INDEX channels_by_owner ON channels (kind, address, app_secret_id)
  WHERE deleted_at IS NULL AND verification <> 'pending'
    AND kind IN ('whatsapp', 'facebook', 'facebook_comments', 'instagram');
