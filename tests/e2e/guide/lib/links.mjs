// The commands that the guide to CRM links prints, those of `tieline links`, and how both are run.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const TIELINE = fileURLToPath(new URL("../../../../target/debug/tieline", import.meta.url));

/** What the commands ask for in the place of the fake's own keys. */
export const PRINTED_KEYS = {
  shopify: "shppa_1234567890",
  hubspot: "pat-na1-1234567890",
  plain: { key: "internal-key-123", client: "facebook-bot" },
};
export const PRINTED_PAGE = "123456789";

/** Integration Examples, letter by letter. */
export const ADDED = [
  String.raw`curl -X POST http://localhost:8080/api/dashboard/crm-links \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer [session-token]" \
  -d '{
    "page_id": "123456789",
    "channels": ["messenger"],
    "name": "Shopify Customers",
    "url": "https://mystore.myshopify.com/admin/api/2024-01/customers.json",
    "type": "api",
    "api_key": "shppa_1234567890",
    "headers": {
      "X-Shopify-Access-Token": "shppa_1234567890"
    },
    "description": "Shopify customer database",
    "is_active": true
  }'`,
  String.raw`curl -X POST http://localhost:8080/api/dashboard/crm-links \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer [session-token]" \
  -d '{
    "page_id": "123456789",
    "channels": ["facebook", "messenger"],
    "name": "HubSpot Contacts",
    "url": "https://api.hubapi.com/crm/v3/objects/contacts",
    "type": "api",
    "api_key": "pat-na1-1234567890",
    "headers": {
      "Content-Type": "application/json"
    },
    "description": "HubSpot CRM contacts",
    "is_active": true
  }'`,
  String.raw`curl -X POST http://localhost:8080/api/dashboard/crm-links \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer [session-token]" \
  -d '{
    "page_id": "123456789",
    "channels": ["facebook"],
    "name": "Internal CRM",
    "url": "https://crm.company.com/api/customers",
    "type": "api",
    "headers": {
      "X-API-Key": "internal-key-123",
      "X-Client-ID": "facebook-bot"
    },
    "description": "Company internal CRM",
    "is_active": true
  }'`,
];

/** Monitoring & Debugging. */
export const [STATUS, DOCUMENTS] = [
  String.raw`curl -X GET "http://localhost:8080/api/dashboard/crm-links?page_id=123456789" \
  -H "Authorization: Bearer [session-token]"`,
  String.raw`curl -X GET "http://localhost:8080/api/dashboard/rag/documents/details?page_id=123456789&source=crm" \
  -H "Authorization: Bearer [session-token]"`,
];

const HOSTS = ["https://mystore.myshopify.com", "https://api.hubapi.com", "https://crm.company.com"];

/** Runs printed commands with a session, against a fake of their hosts; gives the JSON that they print. */
export const printedBy = (tieline, token, fake) => async (command) => {
  const here = HOSTS.reduce((text, host) => text.replaceAll(host, fake.base), command)
    .replaceAll("http://localhost:8080", tieline.base_url).replaceAll("[session-token]", token);
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", here]);
  return JSON.parse(stdout);
};

/** Runs `tieline links` with these arguments as the administrator; gives what it prints, and fails unless it exits with 0. */
export const commandsOf = ({ base_url: base, admin_key: key }) => async (...args) => {
  const env = { ...process.env, TIELINE_BASE_URL: base, TIELINE_ADMIN_KEY: key };
  const { stdout } = await promisify(execFile)(TIELINE, ["links", ...args], { env });
  return stdout;
};
