// Accounts of providers.

import { ago, fresh, missing, refused, uuid } from "./dashboard-world.mjs";

const NEEDS = {
  whatsapp: [["phone_number_id"], ["access_token"]], facebook: [["page_id"], ["access_token"]], facebook_comments: [["page_id"], ["access_token"]], instagram: [["instagram_account_id"], ["access_token"]],
  sms: [["phone_number", "account_sid"], ["auth_token"]], email: [["address", "provider"], []], chatwoot: [["base_url", "account_id"], ["access_token"]],
};

const account = (id, kind, name, more = {}) => ({
  id, kind, name, status: "active", status_reason: null, verification: "verified", verification_error: null, webhook_url: kind === "sms" ? `https://tieline.example/webhook-twilio/${id}` : "https://tieline.example/webhook-meta", created_at: ago(50_000), updated_at: ago(300), ...more,
});

export const channelsOf = (text) => ({
  channels: [
    account(uuid(31), "whatsapp", text("Support"), { phone_number_id: "106540352242922", display_phone_number: text("+353 1 234 5678"), waba_id: "102290129340398" }),
    account(uuid(32), "sms", text("Texts"), { phone_number: "+15005550001", account_sid: `AC${"0".repeat(32)}`, status_reason: text("Twilio: the token was refused.") }),
    account(uuid(33), "email", text("Mail"), {
      address: "support@fjord.example", provider: "cloudflare", sends_by: "resend", verification: "pending", verification_error: text("The record is missing."), dns_record: `tieline-verify=${"0123456789abcdef".repeat(2)}`,
    }),
  ],
});

function find(world, id) {
  const found = world.channels.find((one) => one.id === id);
  if (!found) throw missing("account");
  return found;
}

export const CHANNELS = {
  channel_list: ({ world }) => ({ json: { channels: world.channels } }),
  channel_create({ world, body }) {
    const { kind, name, credentials, ...rest } = body;
    const [fields, secrets] = NEEDS[kind];
    const lacking = [...fields.filter((field) => !rest[field]), ...secrets.filter((field) => !credentials[field]).map((field) => `credentials.${field}`)];
    if (lacking.length) throw refused(422, "invalid_request", `\`${lacking[0]}\` is missing.`, lacking.map((path) => ({ path, rule: "required" })));
    if (rest.phone_number_id && !/^\d+$/.test(rest.phone_number_id)) throw refused(422, "invalid_request", "`phone_number_id` must be digits.", [{ path: "phone_number_id", rule: "digits" }]);
    const made = account(fresh(), kind, name, { ...rest, verification: "pending", verification_error: "Meta could not be reached.", created_at: ago(0), updated_at: ago(0) });
    world.channels.push(made);
    return { status: 201, json: { channel: made } };
  },
  channel_get: ({ world, params }) => ({ json: { channel: find(world, params.id) } }),
  channel_update({ world, params, body: { credentials, ...rest } }) {
    const found = Object.assign(find(world, params.id), rest, { updated_at: ago(0) });
    if (credentials) world.changedCredentials = Object.keys(credentials);
    return { json: { channel: found } };
  },
  channel_delete({ world, params }) {
    const found = find(world, params.id);
    world.channels = world.channels.filter((one) => one !== found);
    return { status: 204 };
  },
  channel_test({ world, params }) {
    const found = find(world, params.id);
    if (found.status_reason) return { json: { ok: false, detail: {}, error: found.status_reason } };
    Object.assign(found, { verification: "verified", verification_error: null });
    return { json: { ok: true, detail: { verified_name: found.name } } };
  },
};
