-- The embedded inbox: who may open it, what it counts, what it searches, notes.

-- By which tokens of the inbox are signed. The key itself is made of MASTER_KEY and this id.
CREATE TABLE sso_keys (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  id TEXT NOT NULL,
  expires_at INTEGER, -- when what it signed is void; NULL for the one that signs
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

-- Tokens that are void before their time.
CREATE TABLE sso_revocations (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  kind TEXT NOT NULL, -- token, agent
  subject_id TEXT NOT NULL,
  up_to TEXT NOT NULL, -- the last token's id that it is about: ids ascend with time
  expires_at INTEGER NOT NULL, -- when no such token can live any more
  PRIMARY KEY (business_id, kind, subject_id)
) WITHOUT ROWID;

-- Whom tokens were made for: the people that a conversation can be assigned to.
CREATE TABLE sso_agents (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

-- Pages that may frame the inbox, as a JSON array of origins.
ALTER TABLE businesses ADD COLUMN embed_origins TEXT NOT NULL DEFAULT '[]';

-- What customers wrote since somebody read the conversation in the inbox.
ALTER TABLE conversations ADD COLUMN unread_count INTEGER NOT NULL DEFAULT 0;

CREATE INDEX conversations_by_status ON conversations (business_id, status, last_message_at);

-- What people of the business say among themselves about a conversation.
CREATE TABLE conversation_notes (
  business_id TEXT NOT NULL,
  id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  author_id TEXT,
  author TEXT NOT NULL,
  content TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

CREATE INDEX conversation_notes_by_conversation
  ON conversation_notes (business_id, conversation_id, created_at);

-- How many conversations there are of each status, and unread ones that are not closed: counting
-- them would read them all. Kept by the triggers below.
CREATE TABLE inbox_counts (
  business_id TEXT NOT NULL,
  kind TEXT NOT NULL, -- open, pending, snoozed, closed, unread
  n INTEGER NOT NULL,
  PRIMARY KEY (business_id, kind)
) WITHOUT ROWID;

-- The words of the names of customers who have a conversation, in lower case as far as ASCII goes.
-- Kept by the triggers below, so that a sync of customers who never wrote pays nothing.
CREATE TABLE customer_words (
  business_id TEXT NOT NULL,
  word TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  PRIMARY KEY (business_id, word, customer_id)
) WITHOUT ROWID;

-- A text becomes a list of its words by way of JSON, whose escapes have no spaces. Not OR IGNORE: in a
-- trigger the conflict clause of the statement that fires it, an upsert here, takes its place.
CREATE TRIGGER conversation_begun AFTER INSERT ON conversations
BEGIN
  INSERT INTO inbox_counts (business_id, kind, n) VALUES (new.business_id, new.status, 1)
    ON CONFLICT (business_id, kind) DO UPDATE SET n = n + 1;
  INSERT INTO inbox_counts (business_id, kind, n)
    SELECT new.business_id, 'unread', 1 WHERE new.unread_count > 0 AND new.status <> 'closed'
    ON CONFLICT (business_id, kind) DO UPDATE SET n = n + 1;
  INSERT INTO customer_words (business_id, word, customer_id)
    SELECT c.business_id, substr(w.value, 1, 40), c.id
    FROM customers c CROSS JOIN json_each('[' || replace(replace(json_quote(lower(
      coalesce(c.name, '') || ' ' || coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '')
    )), '-', ' '), ' ', '","') || ']') w
    WHERE c.business_id = new.business_id AND c.id = new.customer_id AND w.value <> ''
    ON CONFLICT (business_id, word, customer_id) DO NOTHING;
END;

CREATE TRIGGER conversation_moved AFTER UPDATE OF status ON conversations
WHEN new.status <> old.status
BEGIN
  UPDATE inbox_counts SET n = n - 1 WHERE business_id = old.business_id AND kind = old.status;
  INSERT INTO inbox_counts (business_id, kind, n) VALUES (new.business_id, new.status, 1)
    ON CONFLICT (business_id, kind) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER conversation_noticed AFTER UPDATE OF status, unread_count ON conversations
WHEN (new.unread_count > 0 AND new.status <> 'closed')
  <> (old.unread_count > 0 AND old.status <> 'closed')
BEGIN
  INSERT INTO inbox_counts (business_id, kind, n)
    VALUES (new.business_id, 'unread', iif(new.unread_count > 0 AND new.status <> 'closed', 1, 0))
    ON CONFLICT (business_id, kind) DO UPDATE SET
      n = n + iif(new.unread_count > 0 AND new.status <> 'closed', 1, -1);
END;

CREATE TRIGGER customer_renamed AFTER UPDATE OF name, first_name, last_name ON customers
WHEN new.name IS NOT old.name OR new.first_name IS NOT old.first_name
  OR new.last_name IS NOT old.last_name
BEGIN
  DELETE FROM customer_words WHERE business_id = old.business_id AND customer_id = old.id
    AND word IN (SELECT substr(w.value, 1, 40) FROM json_each('[' || replace(replace(json_quote(
      lower(coalesce(old.name, '') || ' ' || coalesce(old.first_name, '') || ' '
        || coalesce(old.last_name, ''))), '-', ' '), ' ', '","') || ']') w);
  INSERT INTO customer_words (business_id, word, customer_id)
    SELECT new.business_id, substr(w.value, 1, 40), new.id
    FROM json_each('[' || replace(replace(json_quote(lower(coalesce(new.name, '') || ' '
      || coalesce(new.first_name, '') || ' ' || coalesce(new.last_name, ''))), '-', ' '),
      ' ', '","') || ']') w
    WHERE w.value <> '' AND EXISTS (SELECT 1 FROM conversations v
      WHERE v.business_id = new.business_id AND v.customer_id = new.id)
    ON CONFLICT (business_id, word, customer_id) DO NOTHING;
END;

-- What is there already counts as read.
INSERT INTO inbox_counts (business_id, kind, n)
  SELECT business_id, status, count(*) FROM conversations GROUP BY business_id, status;
INSERT OR IGNORE INTO customer_words (business_id, word, customer_id)
  SELECT c.business_id, substr(w.value, 1, 40), c.id
  FROM customers c CROSS JOIN json_each('[' || replace(replace(json_quote(lower(
    coalesce(c.name, '') || ' ' || coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, '')
  )), '-', ' '), ' ', '","') || ']') w
  WHERE w.value <> '' AND EXISTS (SELECT 1 FROM conversations v
    WHERE v.business_id = c.business_id AND v.customer_id = c.id);
