// Alerts, rules and who is told, as the fake keeps them. A URL with "refused" in it answers 404, and a mail to it bounces.

import { ago, fresh, missing, pageOf, refused, uuid } from "../lib/dashboard-world.mjs";

const CAUSES = [
  ["integration_down", "critical", null, null], ["integration_errors", "warning", "percent", 5, 100], ["queue_slow", "warning", "minutes", 5, 1440], ["webhook_failing", "critical", "minutes", 5, 1440], ["channel_refused", "critical", "days", 7, 60],
  ["crm_budget", "warning", "percent", 80, 100], ["database_full", "critical", "percent", 70, 100], ["channel_silent", "warning", "messages", 5, 1000], ["crm_link_failing", "warning", "minutes", 15, 10_080],
];
const MOST = 20;

const told = (text, more) => ({ destination_id: uuid(301), destination: text("On call"), event: "raised", status: "sent", attempts: 1, sent_at: ago(29), next_attempt_at: null, error: null, ...more });

function alertOf(n, text) {
  const [cause, severity] = CAUSES[n % CAUSES.length];
  const isOpen = n < 4;
  const began = 30 + n * 400;
  return {
    id: uuid(400 + n), cause, severity, status: isOpen ? "open" : "resolved", object: { id: cause === "webhook_failing" ? uuid(21) : cause === "crm_link_failing" ? uuid(92) : `thing-${n}`, name: text(`Thing ${n}`) }, summary: text(`Thing ${n} is wrong.`),
    began_at: ago(began), raised_at: ago(began - 5), ended_at: isOpen ? null : ago(began - 100), acknowledged_at: n === 1 || n === 5 ? ago(began - 8) : null, acknowledged_by: n === 1 ? uuid(12) : n === 5 ? "a1b2c3d4e5f6" : null,
    notifications: n === 2 ? [] : [told(text), told(text, { destination_id: uuid(302), destination: null, status: "failed", attempts: 8, sent_at: null, error: text("404: no_service") }), ...(isOpen ? [] : [told(text, { event: "resolved", status: "pending", sent_at: null, attempts: 0, next_attempt_at: ago(-60) })])],
  };
}

export const alertsOf = (text) => ({
  alerts: Array.from({ length: 120 }, (_, n) => alertOf(n, text)),
  alertRules: Object.fromEntries(CAUSES.map(([cause, , , threshold]) => [cause, { enabled: true, threshold }])),
  quiet: null,
  rulesChanged: null,
  destinations: [
    { id: uuid(301), type: "slack", name: text("On call"), address: text("hooks.slack.com"), created_at: ago(9000), url: "https://hooks.slack.com/services/T/B/x" },
    { id: uuid(303), type: "email", name: text("Ann"), address: text("ann@fjord.example"), created_at: ago(800) },
  ],
});

const shownSettings = ({ alertRules, quiet, rulesChanged, text }) => ({
  rules: CAUSES.map(([cause, severity, unit, default_threshold]) => ({ cause, description: text(`What ${cause} is about, and from when on.`), severity, ...alertRules[cause], unit, default_threshold })), quiet_hours: quiet, updated_at: rulesChanged,
});
const invalid = (path, rule, message) => refused(422, "invalid_request", message, [{ path, rule }]);

function changeRule(world, cause, change) {
  const known = CAUSES.find(([name]) => name === cause);
  const path = `rules.${cause}`;
  if (!known) throw invalid(path, "unknown_field", `\`${path}\` is not known.`);
  const [, , unit, given, most] = known;
  const { threshold } = change ?? { threshold: null };
  if (unit === null && typeof threshold === "number") throw invalid(`${path}.threshold`, "null", `\`${path}.threshold\` must be null: this counts at once.`);
  if (typeof threshold === "number" && (threshold < 1 || threshold > most)) throw invalid(`${path}.threshold`, `1_to_${most}`, `\`${path}.threshold\` must be a whole number from 1 to ${most}, or null.`);
  world.alertRules[cause] = { ...world.alertRules[cause], ...(change ?? { enabled: true }), ...(threshold === null && { threshold: given }) };
}

function checkQuiet({ from, to, time_zone }) {
  if (from === to) throw invalid("quiet_hours.to", "other_than_from", "`quiet_hours.to` must be another time than `from`.");
  try {
    new Intl.DateTimeFormat("en", { timeZone: time_zone });
  } catch {
    throw invalid("quiet_hours.time_zone", "time_zone", "`quiet_hours.time_zone` must be a time zone such as Europe/Dublin.");
  }
}

const found = (world, id) => world.destinations.find((one) => one.id === id) ?? (() => { throw missing("destination"); })();
const shown = ({ url, ...destination }) => destination;

export const ALERTS = {
  alert_list({ world, query }) {
    if (query.state !== undefined && !["open", "resolved"].includes(query.state)) throw invalid("query.state", "open_or_resolved", "`state` must be open or resolved.");
    return { json: pageOf(world.alerts.filter(({ status }) => !query.state || status === query.state), { limit: 20, ...query }, "alerts") };
  },
  alert_acknowledge({ world, params, session }) {
    const alert = world.alerts.find((one) => one.id === params.id);
    if (!alert) throw missing("alert");
    alert.acknowledged_at ??= ago(0);
    alert.acknowledged_by ??= world.members.find((one) => one.role === session.role).id;
    return { json: { alert } };
  },
  alert_settings_get: ({ world }) => ({ json: shownSettings(world) }),
  alert_settings_put({ world, body }) {
    for (const [cause, change] of Object.entries(body.rules ?? {})) changeRule(world, cause, change);
    if (body.quiet_hours) checkQuiet(body.quiet_hours);
    if (body.quiet_hours !== undefined) world.quiet = body.quiet_hours && { critical_passes: true, ...body.quiet_hours };
    world.rulesChanged = ago(0);
    return { json: shownSettings(world) };
  },
  alert_destination_list: ({ world }) => ({ json: { destinations: world.destinations.map(shown) } }),
  alert_destination_create({ world, body: { type, name, address, url } }) {
    if (type === "email" && (!address || url)) throw invalid("address", "required", "A destination of type email has an `address` and no `url`.");
    if (type === "slack" && (!url || address)) throw invalid("url", "required", "A destination of type slack has a `url` and no `address`.");
    if (address && !/^\S+@\S+\.\S+$/.test(address)) throw invalid("address", "email", "`address` must be an address such as ann@example.com.");
    if (url && !/^https:\/\/[\w.-]+\.[a-z]+/.test(url)) throw refused(422, "unsafe_url", "`url` must be https and lead to a public name.", [{ path: "url", rule: "public_https" }]);
    if (world.destinations.length >= MOST) throw refused(403, "quota_exceeded", "The business has 20 destinations, which is the most.");
    const destination = { id: fresh(), type, name, address: address ?? new URL(url).host, created_at: ago(0), url };
    world.destinations.push(destination);
    return { status: 201, json: { destination: shown(destination) } };
  },
  alert_destination_delete({ world, params }) {
    world.destinations.splice(world.destinations.indexOf(found(world, params.id)), 1);
    return { status: 204 };
  },
  alert_destination_test({ world, params }) {
    const { type, address, url } = found(world, params.id);
    const isRefused = (url ?? address).includes("refused");
    if (type === "email") return { json: { sent: !isRefused, status: isRefused ? null : 200, answer: world.text(isRefused ? "The business has no email account that can send mail." : "The mail's provider took it.") } };
    return { json: { sent: !isRefused, status: isRefused ? 404 : 200, answer: world.text(isRefused ? "no_service" : "ok") } };
  },
};
