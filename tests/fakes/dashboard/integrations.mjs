// Connections to CRMs, as the fake keeps them. What can be set is what the connectors' tables say (integration-forms.json, which
// `UPDATE_DOCS=1 cargo test -p contract settings` writes). A key that has "bad" in it is refused, and one with "less" lacks a
// permission. Each look at the status works off a part of the backfill; what is sent again is done when it is read twice.

import { readFileSync } from "node:fs";
import { ago, missing, refused } from "../lib/dashboard-world.mjs";
import { wrongsOf } from "../lib/schema.mjs";
import { jobsOf, queueOf } from "./crm-jobs.mjs";

const FORMS = JSON.parse(readFileSync(new URL("./integration-forms.json", import.meta.url), "utf8"));
const HANDOFF = { phrases_on: false, phrases: {}, message: null };
/** Messages that one call of a backfill makes jobs of, how many there are, and how many a look works off. */
const [PAGE, MESSAGES, WORKED] = [500, 1200, 350];

const unset = (connector) => ({ connector, settings: {}, deployment: {}, secrets: {}, isActive: false, updated_at: null, user: null, org: null, reasons: [], last_error: null, last_success_at: null, backfill: null });

export const integrationsOf = (text) => ({
  ...jobsOf(text),
  integrations: [
    {
      ...unset("kustomer"), isActive: true, updated_at: ago(9000), user: text("5f0c9b7a8d3e4f0012a1b2e6"), org: text("5f0c9b7a8d3e4f0012a1b2c3"), name: text("Tieline"), last_success_at: ago(1),
      settings: {
        subdomain: "fjord", default_team_id: "team-1", team_routing: [{ tag: text("vip"), team_id: "team-2" }], "rollout.percent": 10, "rollout.tag": text("beta"),
        field_mapping: { customerName: "attributes.name", customerEmail: "attributes.emails[0].email", [`custom_fields.${text("plan")}`]: "attributes.custom.planStr" },
      },
      deployment: { organization_id: "org-of-deployment", default_priority: "high" }, secrets: { "credentials.api_key": "eyJ-key-of-fjord-4f2c", "credentials.webhook_secret": "token" },
      last_error: { code: "bad_request", message: text("/phones/0/phone: must match pattern"), at: ago(140) },
    },
    { ...unset("krayin"), name: text("Tieline") },
    { ...unset("chatwoot"), isSource: true, isActive: true, last_success_at: ago(2) },
  ],
});

const of = (world, { connector }) => world.integrations.find((one) => one.connector === connector) ?? (() => { throw missing("integration"); })();
const setUp = (world, params) => {
  const one = of(world, params);
  if (one.isSource) throw missing("integration");
  return one;
};

const at = (object, path) => path.split(".").reduce((value, name) => (value === null ? null : value?.[name]), object);
function put(object, path, value) {
  const names = path.split(".");
  names.slice(0, -1).reduce((place, name) => (place[name] ??= {}), object)[names.at(-1)] = value;
}

function shownSecret({ path, required }, { secrets }) {
  const own = secrets[path];
  if (!required) return { set: own !== undefined };
  return own === undefined ? { set: false, source: "default", last_chars: null } : { set: true, source: "business", last_chars: own.length < 16 ? "…" : `…${own.slice(-4)}` };
}

const sourceOf = ({ settings, deployment }, path) => (path in settings ? "business" : path in deployment ? "deployment" : "default");

function view(one, base) {
  const shown = { connector: one.connector, status: one.isActive ? "active" : "disabled", source: {}, remote_organization_id: one.org, remote_user_id: one.user, webhook_url: `${base}/api/webhooks/${one.connector}`, updated_at: one.updated_at };
  for (const field of FORMS[one.connector].fields) {
    const { path } = field;
    put(shown, path, field.secret ? shownSecret(field, one) : one.settings[path] ?? one.deployment[path] ?? (field.input === "group" ? HANDOFF : field.default));
    if (field.variable && !field.secret) shown.source[path] = sourceOf(one, path);
  }
  return shown;
}

const wrong = (path, rule, sentence) => refused(422, "invalid_request", `\`${path}\` ${sentence}.`, [{ path, rule }]);
const TARGETS = { kustomer: [/^attributes\.[\w.[\]]+$/, "path", "must be a path such as attributes.name"], krayin: [/^(person|lead)\.\w+$/, "attribute", "must be `person.code` or `lead.code`, with the code of an attribute"] };

// What the API checks beside the types.
function checked(connector, { path, input, secret, customer_fields: names }, value) {
  if (secret && /\s/.test(value)) throw wrong(path, "secret", "must be a text of 1 to 4096 characters without spaces");
  if (path === "subdomain" && !/^[a-z0-9-]+$/.test(value)) throw wrong(path, "subdomain", "must be what stands before .kustomerapp.com");
  if (path === "api_url" && !/^https:\/\/\S+$/.test(value)) throw wrong(path, "url", "must be a URL such as https://crm.example.com/api/admin");
  if (input === "text" && path.endsWith("_id") && /\s/.test(value)) throw wrong(path, "id", "must be an id of at most 128 characters");
  for (const [name, to] of Object.entries(names ? value : {})) {
    const [pattern, rule, sentence] = TARGETS[connector];
    const isKnown = Object.keys(names).some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) && name.length >= one.length : one === name));
    if (!isKnown) throw refused(422, "invalid_request", `\`${name}\` is none of the fields that can be mapped.`, [{ path: `${path}.${name}`, rule: "known_field" }]);
    if (!pattern.test(to)) throw wrong(`${path}.${name}`, rule, sentence);
  }
  return value;
}

/** The fields of a body with their values: what is absent stays out. */
function fieldsIn(connector, body) {
  const form = FORMS[connector];
  const [first] = wrongsOf(form, form.schema, body);
  if (first) throw refused(422, "invalid_request", `\`${first.path}\` must be ${first.rule}.`, [first]);
  return form.fields.flatMap((field) => {
    const value = at(body, field.path);
    return value === undefined ? [] : [[field, value === null ? null : checked(connector, field, value)]];
  });
}

function draftOf(one, body) {
  const [settings, secrets] = [{ ...one.deployment, ...one.settings }, { ...one.secrets }];
  for (const [field, value] of fieldsIn(one.connector, body)) {
    if (!field.testable) throw wrong(field.path, "unknown", "is not known");
    if (value !== null) (field.secret ? secrets : settings)[field.path] = value;
  }
  return { settings, secrets };
}

const notSet = (name, path, rule) => refused(409, "conflict", `There is no ${name}.`, [{ path, rule }]);

const TESTS = {
  kustomer(one, { settings, secrets }) {
    const key = secrets["credentials.api_key"];
    if (!key) throw notSet("API key for Kustomer", "api_key", "set");
    if (!settings.subdomain) throw notSet("subdomain for Kustomer", "subdomain", "set");
    if (key.includes("bad")) return { success: false, error: { code: "bad_key", message: "Kustomer does not accept the key." } };
    const missingRole = { needed_for: "notes:write", role: "org.permission.note.create", turns_off: "Notes and the transcripts of escalations are not written." };
    return {
      success: true, connection: { organization_id: "org-of-deployment", user: { id: "u1", name: one.name }, base_url: `https://${settings.subdomain}.api.kustomerapp.com` },
      roles: { present: ["customers:read", "customers:write", "messages:write", ...(key.includes("less") ? [] : ["notes:write"])], missing: key.includes("less") ? [missingRole] : [], excess: ["org.admin"] },
      teams: [{ id: "team-1", name: one.name }, { id: "team-2", name: "Sales" }], warnings: [],
    };
  },
  krayin(one, { settings, secrets }) {
    const token = secrets["credentials.api_token"];
    if (!token) throw notSet("token for Krayin", "credentials.api_token", "set");
    if (!settings.api_url) throw notSet("address of Krayin", "api_url", "set");
    const good = (name, message) => ({ name, ok: true, required: true, message });
    if (token.includes("bad")) return { success: false, base_url: settings.api_url, checks: [good("url", "The API answers."), { name: "token", ok: false, required: true, code: "bad_key", message: "Krayin does not know the token." }] };
    const isLess = token.includes("less");
    const global = isLess ? { name: "global_view", ok: false, required: true, code: "view_permission", message: "The user must have the view permission `global`: for others Krayin's search fails." } : good("global_view", "The user sees everything.");
    return {
      success: !isLess, base_url: settings.api_url, user: { id: "9", name: one.name }, checks: [good("url", "The API answers."), good("token", `The token is of ${one.name}.`), global],
      choices: { pipelines: [{ id: "1", name: one.name, stages: [{ id: "1", name: "New" }, { id: "5", name: "Won" }] }], sources: [{ id: "2", name: "Web" }], types: [{ id: "1", name: "New Business" }], users: [] },
    };
  },
};

/** What stops it from being switched on: [code, message, the setting to blame]. */
function problemOf({ success, error, checks = [] }) {
  if (success) return null;
  const failed = error ?? checks.find(({ ok, required }) => !ok && required);
  return [failed.code, failed.message, error ? "credentials.api_key" : "credentials.api_token"];
}

function works(one) {
  const { backfill } = one;
  if (!backfill) return;
  const worked = Math.min(WORKED, backfill.waiting);
  Object.assign(backfill, { waiting: backfill.waiting - worked, done: backfill.done + worked });
  backfill.finished = backfill.scheduled >= backfill.total && backfill.waiting === 0;
}

const begun = (since) => ({ since, cursor: null, scheduled: 0, done: 0, failed: 0, waiting: 0, total: MESSAGES, finished: false });

export const INTEGRATIONS = {
  integration_list: ({ world }) => ({ json: { integrations: world.integrations.filter((one) => !one.isSource).map(({ connector, isActive, updated_at }) => ({ connector, status: isActive ? "active" : "disabled", updated_at })) } }),
  integration_get: ({ world, params, base }) => ({ json: { integration: view(setUp(world, params), base) } }),
  integration_schema: ({ world, params }) => ({ json: FORMS[setUp(world, params).connector] }),
  integration_put({ world, params, body, base }) {
    const one = setUp(world, params);
    for (const [{ path, secret }, value] of fieldsIn(one.connector, body)) {
      const kept = secret ? one.secrets : one.settings;
      value === null ? delete kept[path] : (kept[path] = value);
    }
    one.updated_at = ago(0);
    return { json: { integration: view(one, base) } };
  },
  integration_test({ world, params, body }) {
    const one = setUp(world, params);
    return { json: TESTS[one.connector](one, draftOf(one, body)) };
  },
  integration_enable({ world, params, base }) {
    const one = setUp(world, params);
    const test = TESTS[one.connector](one, draftOf(one, {}));
    const problem = problemOf(test);
    if (problem) throw refused(422, "provider_rejected", problem[1], [{ path: problem[2], rule: problem[0] }]);
    Object.assign(one, { isActive: true, updated_at: ago(0), user: test.connection?.user.id ?? test.user.id, org: test.connection?.organization_id ?? "5d41402abc4b2a76", reasons: [] });
    const url = view(one, base).webhook_url;
    const webhook = one.connector === "krayin" ? { created: false, reason: "by_hand", message: `Make a webhook with the method POST to ${url}/s3cret, and a workflow that triggers it.`, url: `${url}/s3cret` } : { created: true, url };
    return { json: { integration: view(one, base), test, webhook } };
  },
  integration_disable({ world, params, base }) {
    const one = Object.assign(setUp(world, params), { isActive: false });
    return { json: { integration: view(one, base) } };
  },
  integration_status({ world, params }) {
    const one = of(world, params);
    works(one);
    const { waiting, failed, oldest_at } = queueOf(world, one.connector);
    const reasons = one.isActive ? [...one.reasons, ...(failed > 0 ? [{ code: "failed_jobs", message: `${failed} jobs failed for good within a day.`, at: null }] : [])] : [];
    const isDown = reasons.some(({ code }) => code === "bad_key");
    return { json: {
      status: !one.isActive ? "disabled" : isDown ? "down" : reasons.length ? "degraded" : "healthy", reasons, budget: { per_minute: 100, per_day: 10_000, used_today: one.isActive ? 1207 : 0, blocked_until: one.blocked_until ?? null },
      queue: { waiting: waiting + (one.backfill?.waiting ?? 0), oldest_at, failed }, last_success_at: one.last_success_at, last_error: one.last_error, broken_until: isDown ? ago(-10) : null, webhook: one.isSource ? "unknown" : one.isActive ? "active" : "missing", reconciled_to: one.isActive ? ago(3) : null, backfill: one.backfill && { ...one.backfill },
    } };
  },
  backfill_get({ world, params }) {
    const one = of(world, params);
    works(one);
    return { json: { backfill: one.backfill } };
  },
  backfill_run({ world, params, body }) {
    const one = of(world, params);
    if (!one.isActive) throw refused(409, "conflict", "This integration is not enabled.", [{ path: "status", rule: "active" }]);
    const since = body.since ?? null;
    if (one.backfill && !body.restart && since && since !== one.backfill.since) throw refused(409, "conflict", "There is a backfill from another time on. Say `restart: true` to begin anew.", [{ path: "since", rule: "same_or_restart" }]);
    if (!one.backfill || body.restart) one.backfill = begun(since);
    const page = Math.min(PAGE, one.backfill.total - one.backfill.scheduled);
    Object.assign(one.backfill, { scheduled: one.backfill.scheduled + page, waiting: one.backfill.waiting + page, cursor: ago(500) });
    return { json: { backfill: { ...one.backfill } } };
  },
};
