-- Hand-off triggers are the business's own: they run with no CRM connected.

CREATE TABLE handoff_settings (
  business_id TEXT NOT NULL PRIMARY KEY REFERENCES businesses (id),
  enabled INTEGER NOT NULL DEFAULT 0, -- whether it is looked for triggers in what customers write
  triggers TEXT NOT NULL DEFAULT '{}', -- JSON: lists by language; a language's take the place of ours
  message TEXT, -- what customers are told; ours where it is NULL
  scanned_to INTEGER NOT NULL DEFAULT 0, -- messages.created_at up to which it was looked
  revision INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX handoff_settings_enabled ON handoff_settings (enabled) WHERE enabled = 1;

-- What stood in a connector's settings; of several the one that is on counts.
INSERT INTO handoff_settings (business_id, enabled, triggers, message, scanned_to, created_at, updated_at)
SELECT i.business_id,
  i.status = 'active' AND coalesce(i.settings -> '$.escalation' ->> 'phrases_on', 0) = 1,
  coalesce(i.settings -> '$.escalation' -> 'phrases', '{}'),
  i.settings -> '$.escalation' ->> 'message', i.phrases_to, i.created_at, i.updated_at
FROM integrations i
WHERE i.settings -> '$.escalation' IS NOT NULL
ORDER BY i.status, i.connector
ON CONFLICT (business_id) DO NOTHING;

UPDATE integrations SET settings = json_remove(settings, '$.escalation')
WHERE settings -> '$.escalation' IS NOT NULL;

-- integrations.phrases_to is read by nothing any more.
