-- What the API was asked, by whom, and what came of it. Written in batches after the answers; a batch that an isolate
-- could not write any more is lost.

-- Calls, one by one: never bodies, never values of a query. The first ones of each minute and day, as far as there are
-- bounds; those beyond are in the counts below alone.
CREATE TABLE api_calls (
  business_id TEXT NOT NULL,
  n INTEGER NOT NULL, -- when it was written, in microseconds, and higher than all before it
  at INTEGER NOT NULL, -- when it came
  key_id TEXT, -- NULL where a member called
  member_id TEXT,
  operation TEXT NOT NULL,
  status INTEGER NOT NULL,
  ms INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  error TEXT, -- the code of the answer
  PRIMARY KEY (business_id, n)
) WITHOUT ROWID;

-- All calls, by day, caller and operation.
CREATE TABLE api_usage (
  business_id TEXT NOT NULL,
  day INTEGER NOT NULL, -- since 1970
  operation TEXT NOT NULL,
  key_id TEXT NOT NULL, -- empty where a member called
  member_id TEXT NOT NULL, -- empty where a key called
  calls INTEGER NOT NULL,
  refused INTEGER NOT NULL, -- answered with 400 to 499
  failed INTEGER NOT NULL, -- answered with 500 and more
  ms INTEGER NOT NULL, -- of all together
  kept INTEGER NOT NULL, -- how many of them were written one by one
  PRIMARY KEY (business_id, day, operation, key_id, member_id)
) WITHOUT ROWID;

-- All calls of a business by hour: how many took up to so many milliseconds, and longer than the bound before.
CREATE TABLE api_hours (
  business_id TEXT NOT NULL,
  hour INTEGER NOT NULL, -- since 1970
  calls INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  ms INTEGER NOT NULL,
  up_to_50 INTEGER NOT NULL,
  up_to_100 INTEGER NOT NULL,
  up_to_250 INTEGER NOT NULL,
  up_to_500 INTEGER NOT NULL,
  up_to_1000 INTEGER NOT NULL,
  up_to_2000 INTEGER NOT NULL,
  up_to_5000 INTEGER NOT NULL,
  PRIMARY KEY (business_id, hour)
) WITHOUT ROWID;

-- All requests since the deployment is counted, by operation: one row for each, of whoever asked.
CREATE TABLE api_totals (
  operation TEXT PRIMARY KEY,
  calls INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  ms INTEGER NOT NULL,
  up_to_50 INTEGER NOT NULL,
  up_to_100 INTEGER NOT NULL,
  up_to_250 INTEGER NOT NULL,
  up_to_500 INTEGER NOT NULL,
  up_to_1000 INTEGER NOT NULL,
  up_to_2000 INTEGER NOT NULL,
  up_to_5000 INTEGER NOT NULL
) WITHOUT ROWID;
