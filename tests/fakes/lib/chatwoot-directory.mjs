// The fake Chatwoot's account: its people with their tokens and roles, its inboxes, teams, labels and
// the definitions of custom attributes.

import { randomBytes, randomUUID } from "node:crypto";
import { closed, FIRST, forbidden, invalid, iso, isSince, missing, oneOf, refused } from "./chatwoot.mjs";

/** The channels that an inbox may have; what is no class here was never one of theirs. */
export const CHANNELS = [
  "WebWidget", "Email", "Api", "Whatsapp", "TwilioSms", "FacebookPage", "Instagram", "Telegram", "Line", "Sms", "Tiktok", "TwitterProfile",
].map((name) => `Channel::${name}`);
const DISPLAY_TYPES = ["text", "number", "currency", "percent", "link", "date", "list", "checkbox"];
const MODELS = ["conversation_attribute", "contact_attribute"];
const LABEL_KEYS = ["title", "description", "color", "show_on_sidebar"];
const REQUIRED_KEYS = ["attribute_display_name", "attribute_key", "attribute_display_type", "attribute_model"];
const DEFINITION_KEYS = [...REQUIRED_KEYS, "attribute_description", "attribute_values", "regex_pattern", "regex_cue", "default_value"];

export const newToken = () => randomBytes(18).toString("base64url");

/** A list of its own numbering. */
function numbered(start = 1) {
  const list = [];
  let next = start;
  return { list, add: (values) => list[list.push({ id: next++, ...values }) - 1] };
}

export function directoryOf({ account, version, clock, users, inboxes, teams, labels, definitions }) {
  const people = numbered();
  const channels = numbered();
  const groups = numbered();
  const marks = numbered();
  const custom = numbered();

  function addUser({ name, email = `${name.toLowerCase().replace(/\W+/g, ".")}@example.com`, role = "agent", inboxIds = null, available = name.split(" ")[0] }) {
    return people.add({ name, available_name: available, email, role, inboxIds, token: newToken(), type: "user" });
  }

  function addInbox({ name, channel = "Channel::WebWidget", medium = "sms", webhookUrl = null, ...more }) {
    if (!CHANNELS.includes(channel) || (channel === "Channel::Tiktok" && !isSince(version, FIRST.tiktok))) throw new Error(`no channel ${channel}`);
    const secret = isSince(version, FIRST.inboxSecret) ? newToken() : null;
    return channels.add({ name, channel_type: channel, medium, webhook_url: webhookUrl, secret, identifier: newToken(), ...more });
  }

  function addLabel({ title, description = null, color = "#1f93ff", show_on_sidebar = true }) {
    const name = String(title ?? "").toLowerCase();
    if (name === "") throw invalid({ title: "can't be blank" });
    if (!/^[\p{L}\p{N}\p{M}_-]+$/u.test(name)) throw invalid({ title: "is invalid" });
    if (marks.list.some((one) => one.title === name)) throw invalid({ title: "has already been taken" });
    return marks.add({ title: name, description, color, show_on_sidebar });
  }

  function addDefinition(body) {
    closed(body, DEFINITION_KEYS, "custom_attribute_definition", REQUIRED_KEYS);
    const { attribute_key: key, attribute_display_type: type, attribute_model: model } = body;
    // The published description numbers both; the server takes the names, too.
    const asName = (value, names) => (typeof value === "number" ? names[value] : value);
    const row = { attribute_description: null, attribute_values: [], ...body, attribute_display_type: asName(type, DISPLAY_TYPES), attribute_model: asName(model, MODELS) };
    oneOf(row.attribute_display_type, DISPLAY_TYPES, "attribute_display_type");
    oneOf(row.attribute_model, MODELS, "attribute_model");
    if (custom.list.some((one) => one.attribute_key === key && one.attribute_model === row.attribute_model)) throw invalid({ attribute_key: "has already been taken" });
    return custom.add({ ...row, created_at: iso(clock.now()), updated_at: iso(clock.now()) });
  }

  users.forEach(addUser);
  inboxes.forEach(addInbox);
  teams.forEach((name) => groups.add({ name: name.toLowerCase(), description: null, allow_auto_assign: true, account_id: account.id }));
  labels.forEach((title) => addLabel({ title }));
  definitions.forEach(addDefinition);
  const bot = { id: 1, name: "Robot", type: "agent_bot", role: "bot", token: newToken(), inboxIds: null };

  const find = (list, id) => list.find((one) => String(one.id) === String(id)) ?? (() => { throw missing(); })();
  /** Whether somebody sees an inbox: administrators see all, agents those that they were given. */
  const sees = (user, inboxId) => user.role !== "agent" || user.inboxIds === null || user.inboxIds.includes(inboxId);

  const agentShown = (user) => ({
    id: user.id, account_id: account.id, availability_status: "online", auto_offline: true, confirmed: true, email: user.email,
    available_name: user.available_name, name: user.name, role: user.role, thumbnail: "",
  });
  function inboxShown(inbox, user) {
    const isAdmin = user.role === "administrator";
    const { id, name, channel_type, medium, webhook_url, secret, identifier } = inbox;
    return {
      id, avatar_url: "", channel_id: id, name, channel_type, greeting_enabled: false, greeting_message: null, working_hours_enabled: false,
      enable_auto_assignment: true, timezone: "UTC", allow_messages_after_resolved: true, lock_to_single_conversation: false,
      ...(channel_type === "Channel::TwilioSms" && { medium, phone_number: "+15550100" }),
      ...(channel_type === "Channel::WebWidget" && { website_token: identifier, website_url: "https://shop.example", ...(isAdmin && { hmac_token: identifier }) }),
      ...(channel_type === "Channel::Email" && { email: `${identifier.toLowerCase()}@mail.example` }),
      ...(channel_type === "Channel::Api" && { webhook_url, inbox_identifier: identifier, ...(isAdmin && { hmac_token: identifier, ...(secret && { secret }) }) }),
    };
  }
  function profileShown(user) {
    return {
      access_token: user.token, account_id: account.id, available_name: user.available_name, avatar_url: "", confirmed: true, display_name: null,
      message_signature: null, email: user.email, id: user.id, inviter_id: null, name: user.name, provider: "email", pubsub_token: newToken(),
      role: user.role, ui_settings: {}, uid: user.email, type: null,
      accounts: [{
        id: account.id, name: account.name, status: "active", active_at: null, role: user.role, permissions: [user.role], availability: "online", availability_status: "online", auto_offline: true,
      }],
    };
  }
  const listed = (list) => () => ({ payload: list });
  const unwrapped = (body, name) => body?.[name] ?? body;

  return {
    account, users: people.list, inboxes: channels.list, teams: groups.list, labels: marks.list, definitions: custom.list, bot,
    addUser, addInbox, addLabel, addDefinition, sees, agentShown, find,
    user: (id) => find(people.list, id), inbox: (id) => find(channels.list, id), team: (id) => find(groups.list, id),
    /** Whose token this is. */
    owner: (token) => (bot.token === token ? bot : people.list.find((user) => user.token === token)),
    visibleInbox(user, id) {
      const inbox = find(channels.list, id);
      if (!sees(user, inbox.id)) throw forbidden();
      return inbox;
    },
    newSourceId: () => randomUUID(),
    profile: (user) => profileShown(user),
    routes: [
      ["GET", "", "any", () => ({ ...account, locale: "en", status: "active", features: {}, created_at: iso(clock.now()) })],
      ["GET", "/agents", "any", () => people.list.map(agentShown)],
      ["GET", "/inboxes", "any", ({ user }) => ({ payload: channels.list.filter(({ id }) => sees(user, id)).map((inbox) => inboxShown(inbox, user)) })],
      ["GET", "/inboxes/:id", "any", ({ user, id }) => {
        const inbox = find(channels.list, id);
        if (!sees(user, inbox.id)) throw forbidden();
        return inboxShown(inbox, user);
      }],
      ["GET", "/teams", "any", () => groups.list],
      ["GET", "/labels", "any", listed(marks.list)],
      ["POST", "/labels", "administrator", ({ body }) => {
        const given = unwrapped(body, "label");
        closed(given, LABEL_KEYS, "label");
        return addLabel(given);
      }],
      ["GET", "/custom_attribute_definitions", "any", ({ url }) => {
        const model = url.searchParams.get("attribute_model");
        const wanted = MODELS[model] ?? model;
        if (wanted !== null && !MODELS.includes(wanted)) throw refused(422, `attribute_model must be one of ${MODELS.join(", ")}`);
        return custom.list.filter((one) => wanted === null || one.attribute_model === wanted);
      }],
      ["POST", "/custom_attribute_definitions", "administrator", ({ body }) => addDefinition(unwrapped(body, "custom_attribute_definition"))],
    ],
  };
}
