-- Files of CRM links count among the bytes that a business stores (0015_quotas.sql), from before their bytes are written
-- until these are gone.
ALTER TABLE knowledge_files ADD COLUMN size INTEGER NOT NULL DEFAULT 0; -- in bytes

UPDATE knowledge_files SET size = coalesce((
  SELECT l.file ->> 'size' FROM knowledge_links l
  WHERE l.business_id = knowledge_files.business_id AND l.id = knowledge_files.link_id
    AND l.file ->> 'id' = knowledge_files.id), 0);
INSERT INTO usage_counts (business_id, kind, day, n)
  SELECT business_id, 'stored_bytes', 0, sum(size) FROM knowledge_files WHERE size > 0 GROUP BY business_id
  ON CONFLICT (business_id, kind, day) DO UPDATE SET n = n + excluded.n;

CREATE TRIGGER link_file_counted AFTER INSERT ON knowledge_files WHEN new.size > 0
BEGIN
  INSERT INTO usage_counts (business_id, kind, day, n) VALUES (new.business_id, 'stored_bytes', 0, new.size)
    ON CONFLICT (business_id, kind, day) DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER link_file_gone AFTER DELETE ON knowledge_files WHEN old.size > 0
BEGIN
  UPDATE usage_counts SET n = n - old.size
    WHERE business_id = old.business_id AND kind = 'stored_bytes' AND day = 0;
END;
