-- Which pushes are the later ones is told by knowledge_records, in the first database.
DROP TABLE removed_records;

-- Has a row once what was pushed is in this database. Where there is none, the database is new, and it is made again.
CREATE TABLE built (
  id INTEGER PRIMARY KEY NOT NULL,
  built_at INTEGER NOT NULL
);
