-- Which records of CRMs a customer is, as they are printed: example:person:1|example:lead:2
ALTER TABLE customers ADD COLUMN crm_ids TEXT;
-- JSON, by what is read: up to where a CRM was asked what changed there, where one cursor is not enough.
ALTER TABLE integrations ADD COLUMN cursors TEXT;
