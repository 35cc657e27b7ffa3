-- Files that are uploaded for CRM links.
ALTER TABLE knowledge_links ADD COLUMN file TEXT; -- JSON: the file that is to be read, and its key; NULL: none

-- Every file of which bytes may be stored, so that none is forgotten, whenever its upload broke off.
CREATE TABLE knowledge_files (
  business_id TEXT NOT NULL,
  link_id TEXT NOT NULL,
  id TEXT NOT NULL, -- ends the key of its bytes
  is_searched INTEGER NOT NULL DEFAULT 0, -- what is searched of the link is from it
  unused_since INTEGER, -- NULL: it is the link's, or what is searched is from it
  PRIMARY KEY (business_id, link_id, id)
) WITHOUT ROWID;
CREATE INDEX knowledge_files_unused ON knowledge_files (unused_since) WHERE unused_since IS NOT NULL;
