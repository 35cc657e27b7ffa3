-- How connections to CRMs fared, for their figures against the targets. Rows of more than 31 days ago are deleted.

-- What came of an hour.
CREATE TABLE crm_hours (
  business_id TEXT NOT NULL,
  connector TEXT NOT NULL,
  hour INTEGER NOT NULL, -- since 1970
  requests INTEGER NOT NULL,
  errors INTEGER NOT NULL, -- of the requests: no answer, 401, 403, 408, or 500 and more
  ms INTEGER NOT NULL, -- of all requests together
  done INTEGER NOT NULL, -- jobs
  failed INTEGER NOT NULL, -- jobs that failed for good
  waited_ms INTEGER NOT NULL, -- the longest that a job waited, but for those of a backfill
  -- How many requests took up to so many milliseconds, and longer than the bound before.
  up_to_100 INTEGER NOT NULL,
  up_to_250 INTEGER NOT NULL,
  up_to_500 INTEGER NOT NULL,
  up_to_1000 INTEGER NOT NULL,
  up_to_2000 INTEGER NOT NULL,
  up_to_5000 INTEGER NOT NULL,
  up_to_10000 INTEGER NOT NULL,
  PRIMARY KEY (business_id, connector, hour)
) WITHOUT ROWID;

-- When a CRM was left alone, since it did not answer or refused the key.
CREATE TABLE crm_outages (
  business_id TEXT NOT NULL,
  connector TEXT NOT NULL,
  began_at INTEGER NOT NULL,
  ended_at INTEGER, -- NULL while it lasts
  PRIMARY KEY (business_id, connector, began_at)
) WITHOUT ROWID;

-- One that begins in the minute in which another ended is the same one, so that there are at most as many as minutes.
CREATE TRIGGER crm_outage_began AFTER UPDATE OF broken_until ON integrations
WHEN new.broken_until IS NOT NULL AND old.broken_until IS NULL AND new.status = 'active'
BEGIN
  UPDATE crm_outages SET ended_at = NULL
    WHERE business_id = new.business_id AND connector = new.connector
      AND began_at = (SELECT max(o.began_at) FROM crm_outages o
        WHERE o.business_id = new.business_id AND o.connector = new.connector)
      AND ended_at / 60000000 = coalesce(new.failed_at, new.updated_at) / 60000000;
  INSERT INTO crm_outages (business_id, connector, began_at)
    SELECT new.business_id, new.connector, coalesce(new.failed_at, new.updated_at)
    WHERE NOT EXISTS (SELECT 1 FROM crm_outages o
      WHERE o.business_id = new.business_id AND o.connector = new.connector
        AND o.began_at = (SELECT max(l.began_at) FROM crm_outages l
          WHERE l.business_id = new.business_id AND l.connector = new.connector)
        AND o.ended_at IS NULL)
    ON CONFLICT (business_id, connector, began_at) DO NOTHING;
END;

-- It answered again, the settings are others, or it is switched off.
CREATE TRIGGER crm_outage_ended AFTER UPDATE OF broken_until, status ON integrations
WHEN old.broken_until IS NOT NULL
  AND (new.broken_until IS NULL OR (new.status <> 'active' AND old.status = 'active'))
BEGIN
  UPDATE crm_outages SET ended_at = max(began_at, coalesce(new.succeeded_at, 0), new.updated_at)
    WHERE business_id = new.business_id AND connector = new.connector
      AND began_at = (SELECT max(o.began_at) FROM crm_outages o
        WHERE o.business_id = new.business_id AND o.connector = new.connector)
      AND ended_at IS NULL;
END;
