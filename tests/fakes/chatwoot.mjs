// Chatwoot, on loopback: its API for people's tokens, with roles, limits and what it refuses; contacts,
// conversations, messages with files, labels; webhooks of each change, sent once; and what people do.
//
// Run alone: node tests/fakes/chatwoot.mjs [--port N]

import { pathToFileURL } from "node:url";
import { routerOf } from "./lib/chatwoot-api.mjs";
import { contactRoutes } from "./lib/chatwoot-contacts.mjs";
import { conversationRoutes } from "./lib/chatwoot-conversations.mjs";
import { dashboardAppsOf } from "./lib/chatwoot-dashboard-apps.mjs";
import { directoryOf } from "./lib/chatwoot-directory.mjs";
import { eventsOf } from "./lib/chatwoot-events.mjs";
import { limitsOf } from "./lib/chatwoot-limits.mjs";
import { formOf, messageRoutes } from "./lib/chatwoot-messages.mjs";
import { peopleOf } from "./lib/chatwoot-people.mjs";
import { recordsOf } from "./lib/chatwoot-records.mjs";
import { shapesOf } from "./lib/chatwoot-shapes.mjs";
import { EVENTS, webhooksOf } from "./lib/chatwoot-webhooks.mjs";
import { clockOf, FIRST, isSince } from "./lib/chatwoot.mjs";
import { failuresOf } from "./lib/failures.mjs";
import { portArgument, printed, Refusal, reply, startServer } from "./lib/server.mjs";

const USERS = [{ name: "Ann Admin", role: "administrator" }, { name: "Bob Agent" }];
const INBOXES = [
  { name: "Website", channel: "Channel::WebWidget" }, { name: "API", channel: "Channel::Api" }, { name: "WhatsApp", channel: "Channel::Whatsapp" },
  { name: "SMS", channel: "Channel::TwilioSms" }, { name: "Email", channel: "Channel::Email" }, { name: "Telegram", channel: "Channel::Telegram" },
  { name: "Line", channel: "Channel::Line" }, { name: "Facebook", channel: "Channel::FacebookPage" }, { name: "Instagram", channel: "Channel::Instagram" },
  { name: "Tiktok", channel: "Channel::Tiktok" },
];
const inboxesOf = (version) => INBOXES.filter(({ channel }) => channel !== "Channel::Tiktok" || isSince(version, FIRST.tiktok));

/**
 * Starts the fake. Options that may be changed while it runs are fields of what it gives, too:
 * - `version` of the server: what it signs and how it tells things follows from it;
 * - `dropsUnderscores`: a proxy before it drops the header `api_access_token`, not `Api-Access-Token`;
 * - `isSuspended`; `foreignAccountId` is an account that exists and is not ours;
 * - `webhookMillis`, `allowsPrivate`, `webhooksHeld`, `buildsLate`, `inboxEvents`: see lib/chatwoot-webhooks.mjs;
 * - `doublesLabels`: a change of labels is told twice, as theirs is; `emptiesFirst`: conversation_created
 *   has no message; `tellsStatusChange`: conversation_status_changed lists what changed;
 * - `latency`: ms before a request is looked at; `limits`: see lib/chatwoot-limits.mjs.
 * `users`, `inboxes`, `teams`, `labels` and `definitions` (of custom attributes) are made at the start.
 */
export async function startChatwoot({
  port = 0,
  account = { id: 1, name: "Acme" },
  foreignAccountId = 2,
  version = "4.17.1",
  users = USERS,
  inboxes = inboxesOf(version),
  teams = ["Sales", "Support"],
  labels = [],
  definitions = [],
  limits = {},
  dropsUnderscores = false,
  isSuspended = false,
  webhookMillis = 5000,
  allowsPrivate = true,
  buildsLate = false,
  inboxEvents = false,
  doublesLabels = true,
  emptiesFirst = false,
  tellsStatusChange = false,
  latency = 0,
} = {}) {
  const chatwoot = {
    accountId: account.id, foreignAccountId, version, dropsUnderscores, isSuspended, webhookMillis, allowsPrivate, webhooksHeld: false, buildsLate, inboxEvents, doublesLabels, emptiesFirst,
    tellsStatusChange, latency, requests: [], throttled: 0,
  };
  const clock = clockOf();
  const limiter = limitsOf(limits, clock);
  const directory = directoryOf({ account, version, clock, users, inboxes, teams, labels, definitions });
  const records = recordsOf({
    clock, directory, options: chatwoot,
    tell: (name, subject, more) => webhooks.tell(name, () => events.bodyOf(name, subject, more), events.inboxOf(name, subject)),
  });
  const { db } = records;
  const shapes = shapesOf(chatwoot, db, directory, clock);
  const events = eventsOf({ options: chatwoot, db, shapes, directory });
  const webhooks = webhooksOf({
    options: chatwoot, clock, account,
    // The callback of an API inbox is how a message leaves: where it is refused, the message was not sent.
    onCallbackFailed(event, body) {
      const message = event === "message_created" && db.messages.find(({ id }) => id === JSON.parse(body).id);
      if (message && message.message_type === "outgoing") records.transaction(() => records.updateMessage(message, { status: "failed" }));
    },
  });
  const dashboardApps = dashboardAppsOf(clock);
  const shared = { options: chatwoot, records, shapes, directory, clock };
  const conversations = conversationRoutes(shared);
  const messages = messageRoutes({ ...shared, conversations });
  const route = routerOf({
    options: chatwoot, directory, transaction: records.transaction, files: messages.files,
    routes: [...directory.routes, ...contactRoutes(shared), ...conversations.routes, ...messages.routes, ...webhooks.routes, ...dashboardApps.routes],
  });
  const failures = failuresOf(chatwoot.requests);
  const shaped = ({ status, message, headers }) => reply(status, { error: message }, headers);

  function obeyed(request) {
    try {
      limiter.request(request.url.pathname, request.headers["api-access-token"] ?? request.headers.api_access_token);
      const said = route(request);
      return typeof said.status === "number" && "headers" in said ? said : reply(200, said);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.reply.status === 429) chatwoot.throttled += 1;
      const { status, body, headers } = error.reply;
      return reply(status, body, headers);
    }
  }

  const server = await startServer({
    port,
    fault: failures.fault,
    answer: async (request) => {
      if (chatwoot.latency > 0) await new Promise((resolve) => setTimeout(resolve, chatwoot.latency));
      const form = await formOf(request);
      return failures.answered(request, () => obeyed({ ...request, form }), shaped);
    },
  });
  const [admin, agent = admin] = directory.users;

  return Object.assign(chatwoot, {
    base: server.base, token: admin.token, agentToken: agent.token, botToken: directory.bot.token, limits: limiter.limits, clock,
    users: directory.users, inboxes: directory.inboxes, teams: directory.teams, labels: directory.labels, definitions: directory.definitions,
    contacts: db.contacts, contactInboxes: db.contactInboxes, conversations: db.conversations, messages: db.messages,
    /** What contacts were sent or shown; see lib/chatwoot-outgoing.mjs. */
    reached: records.reached, dashboardApps: dashboardApps.apps,
    webhooks: webhooks.webhooks, deliveries: webhooks.deliveries, held: webhooks.held,
    /** What people do; see lib/chatwoot-people.mjs. */
    people: peopleOf({ records, directory, shapes, messages }),
    /** Fails the next `times` requests that match; see lib/failures.mjs. */
    fail: failures.fail,
    /** Moves the clock forward. */
    advance: clock.advance,
    /** Forgets what was counted, and what was to fail, to be dropped or doubled. */
    reset() {
      failures.clear();
      webhooks.clear();
      chatwoot.requests.length = 0;
      chatwoot.throttled = 0;
    },
    /** A webhook that somebody made by hand. */
    addWebhook: ({ subscriptions = EVENTS, ...more }) => webhooks.create({ subscriptions, ...more }),
    resetSecret: webhooks.resetSecret, drop: webhooks.drop, double: webhooks.double,
    release: (options) => webhooks.release(options),
    /** Waits until all webhooks that are under way were answered or lost. */
    settled: () => webhooks.settled(),
    stop: () => server.stop(),
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const chatwoot = await startChatwoot({ port: portArgument() });
  console.log(`CHATWOOT_BASE=${chatwoot.base}\naccount_id ${chatwoot.accountId}\napi_access_token ${chatwoot.token}\nagent_token ${chatwoot.agentToken}`);
  for (const list of [chatwoot.contacts, chatwoot.conversations, chatwoot.messages]) printed(list);
}
