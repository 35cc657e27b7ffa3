-- Businesses with more chunks than a search can read the vectors of have them in Vectorize, where the deployment has an
-- index there. Which model's, `spaces.model` says.
ALTER TABLE spaces ADD COLUMN is_large INTEGER NOT NULL DEFAULT 0; -- a fetch or a push had too many

-- Vectors in Vectorize that are to be removed: their chunks, or what was searched of their model, are gone.
CREATE TABLE vector_removals (
  business_id TEXT NOT NULL,
  model TEXT NOT NULL,
  chunk_id INTEGER NOT NULL,
  PRIMARY KEY (business_id, model, chunk_id)
) WITHOUT ROWID;
