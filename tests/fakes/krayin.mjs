// Krayin CRM 2.1 with rest-api 2.1.1, on loopback, as krayin-exchanges.json recorded a real one: persons,
// organizations, leads, activities and settings, with what it gets wrong.
//
// Run alone: node tests/fakes/krayin.mjs [--port N]

import { randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";
import { accessOf, throttleOf } from "./lib/krayin-access.mjs";
import { automationOf } from "./lib/krayin-automation.mjs";
import { activitiesOf, Redirect } from "./lib/krayin-activities.mjs";
import { bodyOf, matched, routesOf } from "./lib/krayin-api.mjs";
import { contactsOf } from "./lib/krayin-contacts.mjs";
import { handsOf } from "./lib/krayin-hands.mjs";
import { isKnown, redirected, rendered } from "./lib/krayin-errors.mjs";
import { leadsOf } from "./lib/krayin-leads.mjs";
import { settingsOf } from "./lib/krayin-settings.mjs";
import { dollars, shapesOf } from "./lib/krayin-shapes.mjs";
import { storeOf } from "./lib/krayin-store.mjs";
import { valuesOf } from "./lib/krayin-values.mjs";
import { webhooksOf } from "./lib/krayin-webhooks.mjs";
import { failuresOf } from "./lib/failures.mjs";
import { portArgument, printed, reply, startServer } from "./lib/server.mjs";

const random = (length) => randomBytes(length).toString("hex").slice(0, length);

/** Whether an error will be JSON: only who says so, or a script that takes anything, gets it. */
function wantsJson({ accept = "*/*", "x-requested-with": by }) {
  const isAjax = by === "XMLHttpRequest";
  return /[/+]json/.test(accept.split(",")[0]) || (isAjax && /^\*(\/\*)?/.test(accept));
}

/**
 * Starts the fake. Options that may be changed while it runs are fields of what it gives, too:
 * - `debug`: APP_DEBUG; without it errors lose their status and their words;
 * - `timeZone`: APP_TIMEZONE, in which every time is kept; the shipped default is Asia/Kolkata;
 * - `now`: ms, or a function that gives them, for the clock; undefined for the real one;
 * - `perMinute`: requests of one user in a minute; null for none, as from Krayin 2.2 on;
 * - `workflowsApi`: settings/webhooks and settings/workflows answer as their code reads, though nobody recorded it;
 * - `latency`: ms before a request is looked at.
 * It also has `requests`: { method, path, query, status, at, headers, body } of each, `surprises`: errors of
 * the fake itself, `throttled`, `deliveries` of webhooks, and the records by kind.
 * `ids` says where counters begin, as { persons: 214 }; `user` is who `token` belongs to.
 */
export async function startKrayin({ port = 0, debug = false, timeZone = "UTC", now, perMinute = 60, workflowsApi = false, latency = 0, ids = {}, user = {} } = {}) {
  const krayin = { debug, timeZone, now, perMinute, workflowsApi, latency, requests: [], surprises: [], throttled: 0 };
  const store = storeOf(krayin, ids);
  const { tables } = store;
  store.insert("users", { name: "Example Admin", email: "admin@example.com", password: "admin123", status: 1, view_permission: "global", role_id: 1, ...user });
  const shapes = shapesOf(store);
  const webhooks = webhooksOf(store, (entity, id) => values.of(entity, id));
  const settings = settingsOf({ store, shapes });
  const automation = automationOf({ store, options: krayin });
  const access = accessOf({ store, shapes, random });
  const throttle = throttleOf(store, krayin);
  const activities = activitiesOf({ store, shapes, emit: webhooks.emit, random });
  const values = valuesOf(store, { lookup: settings.lookup, dollars, log: activities.log.valued });
  const contacts = contactsOf({ store, values, shapes, activities: activities.log, emit: webhooks.emit });
  const leads = leadsOf({ store, values, shapes, activities: activities.log, contacts, emit: webhooks.emit });
  const routes = routesOf({ store, shapes, access, automation, contacts, leads, activities, settings });
  const failures = failuresOf(krayin.requests);
  const entries = new WeakMap();
  /** The rate headers of the last request: what fails after the write carries them, as a handler's 500 does. */
  let earned = {};
  const shaped = ({ status, code, headers = {} }) => reply(status, { message: "admin::app.common.internal-server-error" }, code === "internal_error" ? earned : headers);

  function obeyed(request, body) {
    const { headers, url } = request;
    const base = `http://${headers.host}`;
    let limits = {};
    try {
      const route = matched(routes, request);
      // Who is not known never reaches the counter.
      const by = route.path === "login" ? undefined : access.userOf(headers);
      const key = by ? `user ${by.id}` : "address";
      earned = limits = throttle.request(key);
      activities.log.by = by?.id;
      const call = { body, url, base, user: by, isAjax: headers["x-requested-with"] === "XMLHttpRequest", deletion: () => throttle.deletion(key) };
      return reply(200, route.answer(call, ...route.parts), limits);
    } catch (error) {
      if (error instanceof Redirect) return redirected(base, limits);
      if (error.status === 429) krayin.throttled += 1;
      // PHP would stumble over such a request as well; what is not of the fake's making is put down.
      if (!isKnown(error)) krayin.surprises.push(error);
      return rendered(error, { debug: krayin.debug, wantsJson: wantsJson(headers), base, limits });
    }
  }

  const server = await startServer({
    port,
    fault(request) {
      const failure = failures.fault(request);
      entries.set(request, krayin.requests.at(-1));
      return failure;
    },
    answer: async (request) => {
      if (krayin.latency > 0) await new Promise((resolve) => setTimeout(resolve, krayin.latency));
      const body = await bodyOf(request);
      Object.assign(entries.get(request), { body, headers: request.headers });
      const said = failures.answered(request, () => obeyed(request, body), shaped);
      const fault = await webhooks.flush();
      return fault ? rendered(fault, { debug: krayin.debug, wantsJson: wantsJson(request.headers), base: `http://${request.headers.host}`, limits: earned }) : said;
    },
  });

  const [first] = tables.users;
  return Object.assign(krayin, {
    base: server.base, api: `${server.base}/api/v1`, token: access.issue(first), userId: first.id, email: first.email, password: first.password,
    persons: tables.persons, organizations: tables.organizations, leads: tables.leads, activities: tables.activities, tags: tables.tags, users: tables.users, mails: tables.mails, workflows: tables.workflows,
    ids: store.ids, throttle, deliveries: webhooks.deliveries,
    ...handsOf({ store, shapes, values, contacts, leads, activities, settings, automation, webhooks, access }),
    /** Fails the next `times` requests that match; see lib/failures.mjs. */
    fail: failures.fail,
    /** Forgets what was counted, and what was to fail. */
    reset() {
      failures.clear();
      throttle.clear();
      krayin.requests.length = 0;
      krayin.throttled = 0;
    },
    stop: server.stop,
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const krayin = await startKrayin({ port: portArgument() });
  console.log(`KRAYIN_BASE=${krayin.base}\nemail ${krayin.email}\npassword ${krayin.password}\ntoken ${krayin.token}`);
  for (const list of [krayin.persons, krayin.leads, krayin.activities]) printed(list);
}
