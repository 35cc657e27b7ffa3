-- Answers to email went wherever the last mail wanted them. From here on they go to an address of the
-- customer's, or to one that an agent confirmed, which no row before this one says.
UPDATE conversations SET contact = NULL
WHERE channel = 'email' AND contact IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM identities i
    WHERE i.business_id = conversations.business_id AND i.kind = 'email'
      AND i.value = conversations.contact AND i.system = ''
      AND i.customer_id = conversations.customer_id);
