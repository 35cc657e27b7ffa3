// Kustomer, on loopback: customers, conversations, messages and notes with closed schemas, roles, limits,
// revisions and what is unique; attachments with a storage of their own; signed webhooks of each change.
//
// Run alone: node tests/fakes/kustomer.mjs [--port N]

import { pathToFileURL } from "node:url";
import { routerOf, routesOf } from "./lib/kustomer-api.mjs";
import { customersOf } from "./lib/kustomer-customers.mjs";
import { directoryOf } from "./lib/kustomer-directory.mjs";
import { failuresOf } from "./lib/failures.mjs";
import { limitsOf } from "./lib/kustomer-limits.mjs";
import { peopleOf } from "./lib/kustomer-people.mjs";
import { recordsOf } from "./lib/kustomer-records.mjs";
import { EVENTS } from "./lib/kustomer-schemas.mjs";
import { startAttachments } from "./lib/kustomer-storage.mjs";
import { threadsOf } from "./lib/kustomer-threads.mjs";
import { webhooksOf } from "./lib/kustomer-webhooks.mjs";
import { shaping, Wrong } from "./lib/kustomer.mjs";
import { portArgument, printed, reply, startServer } from "./lib/server.mjs";

/** The seven permissions of the setup guide, and no more. */
export const GUIDE_ROLES = [
  "customer.read", "customer.create", "customer.update", "conversation.read", "conversation.create", "conversation.update",
  "message.create", "message.update", "note.create", "note.update", "team.read",
].map((name) => `org.permission.${name}`);

/** What a key of ours is made with: one role that the vendor documents for each call. */
export const ROLES = [
  ...["customer", "conversation", "message", "note"].flatMap((name) => ["read", "create", "update"].map((verb) => `org.permission.${name}.${verb}`)),
  ...["attachment", "bulk", "satisfaction", "satisfaction_response", "team", "user", "tag"].map((name) => `org.permission.${name}.read`),
  ...["create", "read", "update", "delete"].map((verb) => `org.permission.outbound_webhook.${verb}`),
  "org.permission.search.create", "org.permission.conversation.delete",
];

/**
 * Starts the fake. Options that may be changed while it runs are fields of what it gives, too:
 * - `apiKey`, `roles`, `isKeyExpired`, `wrongRegion` (true, or the status of it);
 * - `limits`: see lib/kustomer-limits.mjs;
 * - `duplicateStatus` (409 or 400) of a second customer with the same email; `uniqueExternalIds`;
 * - `bulkMillis`: how long a bulk job takes;
 * - `searchLag`: ms that the index is behind; `latency`: ms before a request is looked at;
 * - `retries`, `retryMillis`, `disables`, `webhooksHeld`: see lib/kustomer-webhooks.mjs.
 * `teams`, `agents` and `tags` are names, or objects with `id` and `name`. `lowerCaseExternalId` has
 * messages found by `externalid=` alone.
 */
export async function startKustomer({
  port = 0,
  org = "5f0c1a2b3c4d5e6f70819203",
  subdomain = "acme",
  apiKey = "eyJhbGciOiJIUzI1NiJ9.fake.key",
  roles = ROLES,
  isKeyExpired = false,
  wrongRegion = false,
  limits = {},
  teams = ["Support", "Escalations"],
  agents = ["Ann Agent", "Bob Agent"],
  tags = [],
  duplicateStatus = 409,
  uniqueExternalIds = true,
  lowerCaseExternalId = false,
  bulkMillis = 500,
  searchLag = 0,
  latency = 0,
  retries = 7,
  retryMillis = 0,
  disables = false,
} = {}) {
  const kustomer = {
    org, orgId: org, subdomain, apiKey, roles, isKeyExpired, wrongRegion, duplicateStatus, uniqueExternalIds, lowerCaseExternalId,
    bulkMillis, searchLag, latency, retries, retryMillis, disables, webhooksHeld: false, requests: [], throttled: 0,
  };
  const limiter = limitsOf(limits);
  const webhooks = webhooksOf(kustomer);
  const attachments = await startAttachments();
  const directory = directoryOf({ org, roles, teams, agents, tags });
  const records = recordsOf(kustomer, (event) => webhooks.tell(event));
  const customers = customersOf(records, directory);
  const threads = threadsOf({ records, customers, directory, attachments });
  const people = peopleOf({ records, customers, threads, directory, attachments });
  const by = directory.machine.id;
  const route = routerOf(routesOf({ options: kustomer, records, customers, threads, directory, attachments, webhooks, people, limiter, by }), () => kustomer.roles);
  const failures = failuresOf(kustomer.requests);
  const shaped = shaping();

  /** What every request has to have. */
  function admit({ headers }) {
    const unauthorized = (words) => new Wrong(401, "unauthorized", words);
    if (!headers["user-agent"]) throw new Wrong(400, "bad_request", "A User-Agent is required");
    if (headers.authorization === undefined) throw unauthorized("Missing token");
    if (headers.authorization !== `Bearer ${kustomer.apiKey}`) throw unauthorized("Invalid token");
    if (kustomer.wrongRegion) {
      const status = kustomer.wrongRegion === true ? 401 : kustomer.wrongRegion;
      throw new Wrong(status, "wrong_region", "The token is associated with pod prod2, but the request was handled by prod1. Use the base URL of your region.");
    }
    if (kustomer.isKeyExpired) throw unauthorized("The token has expired");
    return limiter.request();
  }

  function obeyed(request) {
    let headers = {};
    try {
      headers = admit(request);
      const said = route(request);
      return said.status === undefined ? reply(200, said, headers) : reply(said.status, said.body, { ...headers, ...said.headers });
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      if (error.status === 429) kustomer.throttled += 1;
      return shaped({ ...error, message: error.message, headers: { ...headers, ...error.headers } });
    }
  }

  const server = await startServer({
    port,
    fault: failures.fault,
    answer: async (request) => {
      if (kustomer.latency > 0) await new Promise((resolve) => setTimeout(resolve, kustomer.latency));
      return failures.answered(request, () => obeyed(request), shaped);
    },
  });

  return Object.assign(kustomer, {
    base: server.base, userId: by, limits: limiter.limits, attachments, directory,
    customers: records.kept.customer, conversations: records.kept.conversation, messages: records.kept.message, notes: records.kept.note,
    teams: directory.teams, agents: directory.agents, users: directory.users, tags: directory.tags,
    webhooks: webhooks.webhooks, deliveries: webhooks.deliveries, held: webhooks.held,
    /** Fails the next `times` requests that match; see lib/failures.mjs. */
    fail: failures.fail,
    /** Forgets what was counted, and what was to fail. */
    reset() {
      failures.clear();
      kustomer.requests.length = 0;
      kustomer.throttled = 0;
    },
    /** A webhook that somebody made by hand. */
    addWebhook: ({ name = "Tieline", events = EVENTS, ...more }) => webhooks.create({ name, events, ...more }),
    /** Kustomer gave up on our webhooks, or somebody switched them off. */
    disableWebhooks: () => webhooks.webhooks.forEach(({ attributes }) => (attributes.enabled = false)),
    reply: people.reply, begin: people.begin, set: people.set, rename: people.rename, rate: people.rate,
    release: (options) => webhooks.release(options),
    /** Waits until all webhooks that are under way were answered. */
    settled: () => webhooks.settled(),
    async stop() {
      await attachments.stop();
      await server.stop();
    },
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const kustomer = await startKustomer({ port: portArgument() });
  console.log(`KUSTOMER_API_BASE=${kustomer.base}\napi_key ${kustomer.apiKey}\norganization_id ${kustomer.orgId}\nsubdomain ${kustomer.subdomain}\nteam_id ${kustomer.teams[0].id}`);
  for (const list of [kustomer.customers, kustomer.conversations, kustomer.messages, kustomer.notes]) printed(list);
}
