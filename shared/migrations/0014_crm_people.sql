-- Who the people of a business are at its CRM: what they close is counted where their messages are,
-- whether a conversation names them by id or by address.
CREATE TABLE crm_agents (
  business_id TEXT NOT NULL,
  connector TEXT NOT NULL,
  id TEXT NOT NULL, -- the CRM's
  name TEXT,
  email TEXT, -- in lower case
  PRIMARY KEY (business_id, connector, id)
) WITHOUT ROWID;

CREATE INDEX crm_agents_by_email ON crm_agents (business_id, email) WHERE email IS NOT NULL;
CREATE INDEX crm_agents_by_agent ON crm_agents (business_id, id);

-- What somebody goes by at a provider beside their id there: the username at Instagram, which a CRM
-- may ask for. It goes with the identity.
CREATE TABLE identity_handles (
  business_id TEXT NOT NULL,
  kind TEXT NOT NULL, -- of the identity: instagram
  value TEXT NOT NULL,
  handle TEXT NOT NULL,
  PRIMARY KEY (business_id, kind, value)
) WITHOUT ROWID;

CREATE TRIGGER identity_handle_forgotten AFTER DELETE ON identities WHEN old.kind = 'instagram'
BEGIN
  DELETE FROM identity_handles
    WHERE business_id = old.business_id AND kind = old.kind AND value = old.value;
END;
