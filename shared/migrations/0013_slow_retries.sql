-- How long deliveries to an endpoint are tried: 'long' adds five slow retries, over a day and a half, to the
-- three quick ones; 'short' ends with those.
ALTER TABLE webhook_endpoints ADD COLUMN retries TEXT NOT NULL DEFAULT 'long';
