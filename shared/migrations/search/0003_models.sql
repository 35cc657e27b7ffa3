-- Vectors of several models: while a business changes its embedder, those of the model before serve until each chunk
-- has one of the new model.

CREATE TABLE segments_of_models (
  business_id TEXT NOT NULL,
  model TEXT NOT NULL, -- names the model and how many components its vectors have
  id INTEGER NOT NULL, -- the first chunk of it
  is_owned INTEGER NOT NULL,
  numbers TEXT NOT NULL, -- base64 of u32s: the chunk of each vector, as its number within the space
  vectors TEXT NOT NULL, -- base64 of as many bytes each as the model has components
  PRIMARY KEY (business_id, model, id)
) WITHOUT ROWID;
INSERT INTO segments_of_models (business_id, model, id, is_owned, numbers, vectors)
  SELECT business_id, model, id, is_owned, numbers, vectors FROM segments;
DROP TABLE segments;
ALTER TABLE segments_of_models RENAME TO segments;

ALTER TABLE spaces ADD COLUMN model TEXT NOT NULL DEFAULT 'static128'; -- the one that searches ask
ALTER TABLE spaces ADD COLUMN next_model TEXT; -- the one that takes its place when nothing is left of the backlog

-- Chunks that have no vector of a model yet, and should.
CREATE TABLE embedding_backlog (
  business_id TEXT NOT NULL,
  model TEXT NOT NULL,
  chunk_id INTEGER NOT NULL,
  PRIMARY KEY (business_id, model, chunk_id)
) WITHOUT ROWID;
