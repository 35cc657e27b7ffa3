-- While the server that embeds a business's questions fails, nobody waits for it: what it said last, and until when it
-- is not asked. All of it is of the model that is searched.
ALTER TABLE spaces ADD COLUMN question_failures INTEGER NOT NULL DEFAULT 0; -- in a row
ALTER TABLE spaces ADD COLUMN questions_rest_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE spaces ADD COLUMN question_error TEXT;
ALTER TABLE spaces ADD COLUMN questions_failing_since INTEGER;
