-- Comments on a page's posts: a page has one owner for them among the accounts of an app, as for its messages.
DROP INDEX channels_by_owner;
CREATE UNIQUE INDEX channels_by_owner ON channels (kind, address, app_secret_id)
  WHERE deleted_at IS NULL AND verification <> 'pending'
    AND kind IN ('whatsapp', 'facebook', 'facebook_comments', 'instagram');

-- Answers of the page of which Meta's id is not known: by their webhooks, which do not say to whom they were.
CREATE INDEX comments_unsettled ON messages (business_id, channel_id, created_at)
  WHERE channel = 'facebook_comments' AND direction = 'outbound' AND provider_id IS NULL
    AND status <> 'failed';
