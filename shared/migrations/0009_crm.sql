-- Connectors: the CRMs that a business's customers and conversations are kept in step with.

CREATE TABLE integrations (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  connector TEXT NOT NULL, -- kustomer
  status TEXT NOT NULL DEFAULT 'disabled', -- active, disabled
  remote_org TEXT NOT NULL DEFAULT '', -- the organisation at the CRM, as its webhooks name it
  remote_user TEXT, -- who we are there: what they change is our own writing
  settings TEXT NOT NULL DEFAULT '{}', -- JSON: what the business set, and no secret
  credentials TEXT, -- JSON, sealed under MASTER_KEY; NULL where the deployment's are used
  default_key INTEGER NOT NULL DEFAULT 0, -- whether the deployment's key is used beside own secrets
  revision INTEGER NOT NULL DEFAULT 1, -- of settings and credentials
  webhook_id TEXT, -- the CRM's id of the webhook that it calls us by
  broken_until INTEGER, -- nothing is asked of the CRM before; NULL while all is well
  broken_reason TEXT, -- a code and a sentence for people, as JSON
  failures INTEGER NOT NULL DEFAULT 0, -- since the last success
  succeeded_at INTEGER,
  failed_at INTEGER,
  last_error TEXT, -- as broken_reason
  phrases_to INTEGER NOT NULL DEFAULT 0, -- messages.created_at up to which phrases were looked for
  reconciled_to INTEGER, -- up to when, by the CRM's clock, it was asked what changed
  reconcile_at INTEGER, -- when it is asked next
  backfill TEXT, -- JSON: where sending what was there before stands
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, connector)
) WITHOUT ROWID;

CREATE INDEX integrations_by_org ON integrations (connector, remote_org)
  WHERE status = 'active' AND remote_org <> '';
CREATE INDEX integrations_by_reconcile ON integrations (reconcile_at)
  WHERE status = 'active' AND reconcile_at IS NOT NULL;
-- The deployment's own key speaks for one business.
CREATE UNIQUE INDEX integrations_by_default_key ON integrations (connector)
  WHERE status = 'active' AND (credentials IS NULL OR default_key = 1);

-- What is to be done so that one thing is the same on both sides. Its key names the thing, so that
-- what happens while a job waits needs no second one.
CREATE TABLE crm_jobs (
  business_id TEXT NOT NULL,
  connector TEXT NOT NULL,
  key TEXT NOT NULL, -- message:<id>, conversation:<id>, customer:<id>, remote:<type>:<id>:<rev>, ...
  id TEXT NOT NULL,
  stream TEXT NOT NULL, -- what it is in order with: our customer's id, or the CRM's
  kind TEXT NOT NULL, -- what stands before the first colon of the key
  subject TEXT NOT NULL, -- the id of the thing
  detail TEXT, -- JSON: what the thing's own row does not say
  state TEXT NOT NULL DEFAULT 'waiting', -- waiting, done, skipped, failed
  priority INTEGER NOT NULL DEFAULT 0, -- 0 live, 1 what was there before
  ordered_at INTEGER NOT NULL,
  sequence INTEGER NOT NULL DEFAULT 0, -- of the event it was made for
  generation INTEGER NOT NULL DEFAULT 1, -- rises when it is wanted anew
  tries INTEGER NOT NULL DEFAULT 0, -- how often it was begun, over all generations
  failures INTEGER NOT NULL DEFAULT 0, -- since it was last wanted; waiting for its turn is none
  error TEXT, -- JSON: {"code", "message"}
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, connector, key)
) WITHOUT ROWID;

CREATE UNIQUE INDEX crm_jobs_by_id ON crm_jobs (business_id, id);
CREATE INDEX crm_jobs_waiting
  ON crm_jobs (business_id, connector, stream, priority, ordered_at, sequence)
  WHERE state = 'waiting';
CREATE INDEX crm_jobs_by_state ON crm_jobs (business_id, connector, state, id);
CREATE INDEX crm_jobs_by_stream ON crm_jobs (business_id, stream);
CREATE INDEX crm_jobs_by_age ON crm_jobs (updated_at) WHERE state IN ('done', 'skipped');

-- What was tried, the last ten of a job.
CREATE TABLE crm_attempts (
  business_id TEXT NOT NULL,
  connector TEXT NOT NULL,
  key TEXT NOT NULL,
  number INTEGER NOT NULL, -- over all generations
  at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL, -- done, skipped, waits, failed
  requests TEXT NOT NULL, -- JSON: ["POST /v1/customers 201", ...], without what names a person
  error TEXT, -- as of the job
  PRIMARY KEY (business_id, connector, key, number)
) WITHOUT ROWID;

CREATE TRIGGER crm_job_forgotten AFTER DELETE ON crm_jobs
BEGIN
  DELETE FROM crm_attempts WHERE business_id = old.business_id AND connector = old.connector
    AND key = old.key;
END;

-- Whose jobs wait. Whoever holds the lease does them, so that one customer's are done in order.
CREATE TABLE crm_streams (
  business_id TEXT NOT NULL,
  connector TEXT NOT NULL,
  stream TEXT NOT NULL,
  priority INTEGER NOT NULL DEFAULT 0, -- the least of its jobs'
  due_at INTEGER, -- when to go on; while one does: when that must have ended; NULL: nothing waits
  lease TEXT,
  minute INTEGER NOT NULL DEFAULT 0, -- since 1970: which one requests were counted in
  used INTEGER NOT NULL DEFAULT 0, -- requests of that minute
  PRIMARY KEY (business_id, connector, stream)
) WITHOUT ROWID;

CREATE INDEX crm_streams_due ON crm_streams (business_id, connector, priority, due_at)
  WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX crm_streams_leased ON crm_streams (business_id, connector, lease)
  WHERE lease IS NOT NULL;

-- Whoever wants a job, its stream is due. One that waits for better times goes on waiting.
CREATE TRIGGER crm_job_made AFTER INSERT ON crm_jobs WHEN new.state = 'waiting'
BEGIN
  INSERT INTO crm_streams (business_id, connector, stream, priority, due_at)
    VALUES (new.business_id, new.connector, new.stream, new.priority, new.updated_at)
    ON CONFLICT (business_id, connector, stream) DO UPDATE SET
      priority = iif(due_at IS NULL, excluded.priority, min(priority, excluded.priority)),
      due_at = coalesce(due_at, excluded.due_at);
END;

CREATE TRIGGER crm_job_wanted_anew AFTER UPDATE OF generation ON crm_jobs
WHEN new.state = 'waiting'
BEGIN
  INSERT INTO crm_streams (business_id, connector, stream, priority, due_at)
    VALUES (new.business_id, new.connector, new.stream, new.priority, new.updated_at)
    ON CONFLICT (business_id, connector, stream) DO UPDATE SET
      priority = iif(due_at IS NULL, excluded.priority, min(priority, excluded.priority)),
      due_at = coalesce(due_at, excluded.due_at);
END;

-- How much may still be asked of the CRM.
CREATE TABLE crm_budgets (
  business_id TEXT NOT NULL,
  connector TEXT NOT NULL,
  per_minute INTEGER NOT NULL, -- how much of the organisation's limit is ours
  tokens REAL NOT NULL,
  filled_at INTEGER NOT NULL, -- when tokens were last counted
  day INTEGER NOT NULL, -- since 1970
  used INTEGER NOT NULL DEFAULT 0, -- requests of that day
  blocked_until INTEGER NOT NULL DEFAULT 0, -- the CRM said so
  PRIMARY KEY (business_id, connector)
) WITHOUT ROWID;

-- Which of theirs is which of ours.
CREATE TABLE crm_links (
  business_id TEXT NOT NULL,
  connector TEXT NOT NULL,
  kind TEXT NOT NULL, -- customer, conversation, message, note
  local_id TEXT NOT NULL,
  remote_id TEXT NOT NULL,
  rev INTEGER, -- the newest revision of theirs that we know of
  fingerprint TEXT, -- of what both sides had when we last wrote or read it
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, connector, kind, local_id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX crm_links_by_remote ON crm_links (business_id, connector, kind, remote_id);

-- What was read from the CRM and may be told again for a while.
CREATE TABLE crm_cache (
  business_id TEXT NOT NULL,
  connector TEXT NOT NULL,
  key TEXT NOT NULL, -- teams, users, history:<customer id>
  value TEXT NOT NULL, -- JSON
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, connector, key)
) WITHOUT ROWID;

CREATE INDEX crm_cache_by_expiry ON crm_cache (expires_at);

-- What each day came to.
CREATE TABLE crm_days (
  business_id TEXT NOT NULL,
  connector TEXT NOT NULL,
  day INTEGER NOT NULL, -- since 1970, UTC
  done INTEGER NOT NULL DEFAULT 0, -- jobs
  failed INTEGER NOT NULL DEFAULT 0, -- jobs that went to the dead letters
  requests INTEGER NOT NULL DEFAULT 0,
  throttled INTEGER NOT NULL DEFAULT 0, -- requests that were answered with 429
  PRIMARY KEY (business_id, connector, day)
) WITHOUT ROWID;

-- Conversations that were handed to people.
CREATE TABLE escalations (
  business_id TEXT NOT NULL,
  id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  source TEXT NOT NULL, -- api, phrase
  reason TEXT,
  priority TEXT NOT NULL,
  team_id TEXT, -- the CRM's
  note_id TEXT, -- in conversation_notes
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

CREATE INDEX escalations_by_conversation ON escalations (business_id, conversation_id, created_at);
-- Their events say why, which goes once the person is erased.
CREATE INDEX outbox_escalated ON outbox (business_id, subject_id)
  WHERE event = 'conversation.escalated';

-- How content customers were, as the CRM tells it.
CREATE TABLE conversation_ratings (
  business_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  score REAL NOT NULL, -- 0 to 1
  comment TEXT,
  rated_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, conversation_id)
) WITHOUT ROWID;
