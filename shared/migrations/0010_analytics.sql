-- What the figures of a span of days are read by.

CREATE INDEX conversations_by_closing ON conversations (business_id, closed_at)
  WHERE closed_at IS NOT NULL;
CREATE INDEX conversation_ratings_by_time ON conversation_ratings (business_id, rated_at);
CREATE INDEX crm_days_by_day ON crm_days (business_id, day);
