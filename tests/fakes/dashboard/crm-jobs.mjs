// Jobs at CRMs, as the fake keeps them. One that is sent again is done when it is read for the second time, unless its input
// names an event that is not known: that fails again.

import { ago, missing, pageOf, refused, uuid } from "../lib/dashboard-world.mjs";

const KINDS = ["message", "customer", "conversation", "remote", "status"];
const STATES = ["done", "waiting", "skipped"];

function jobOf(n, text) {
  const isFailed = n % 9 === 0;
  const error = isFailed ? { code: n % 2 ? "missing_role" : "bad_request", message: text(`/custom/planStr: no such attribute (${n})`), at: null } : null;
  return {
    connector: "kustomer", id: uuid(7000 + n), kind: isFailed ? "remote" : KINDS[n % KINDS.length], subject: text(`message:${n}`), stream: n % 3 ? uuid(5000 + (n % 20)) : text(`stream-${n}`), state: isFailed ? "failed" : STATES[n % STATES.length],
    priority: n % 5 === 4 ? "backfill" : "live", ordered_at: ago(n * 7), tries: isFailed ? 2 : 1, failures: isFailed ? 2 : 0, error, created_at: ago(n * 7), updated_at: ago(n * 6),
    detail: isFailed ? { id: text(`event-${n}`), name: "kustomer.message.unknown" } : null,
    attempts: [{ number: 1, at: ago(n * 7), duration_ms: 212, outcome: isFailed ? "failed" : "done", requests: [text("message 403")], error }],
  };
}

export const jobsOf = (text) => ({ crmJobs: Array.from({ length: 75 }, (_, n) => jobOf(n, text)) });

const of = (world, { connector }) => {
  if (!world.integrations.some((one) => one.connector === connector)) throw missing("integration");
  return world.crmJobs.filter((one) => one.connector === connector);
};
const found = (world, params) => of(world, params).find((one) => one.id === params.id) ?? (() => { throw missing("job"); })();
const brief = ({ connector, detail, attempts, isRead, ...job }) => job;
const whole = ({ connector, isRead, ...job }) => ({ json: { job } });

/** What waits and what failed. */
export function queueOf(world, connector) {
  const jobs = of(world, { connector });
  const waiting = jobs.filter(({ state }) => state === "waiting");
  return { waiting: waiting.length, failed: jobs.filter(({ state }) => state === "failed").length, oldest_at: waiting.at(-1)?.updated_at ?? null };
}

const again = (job) => Object.assign(job, { state: "waiting", failures: 0, error: null, isRead: 0, updated_at: ago(0) });

// Whoever does jobs came by since it was last read.
function worked(job) {
  if (job.isRead === undefined || (job.isRead += 1) < 2) return;
  const isKnown = !String(job.detail?.name ?? "").endsWith("unknown");
  const error = isKnown ? null : { code: "bad_request", message: "There is no such event.", at: null };
  job.attempts.push({ number: (job.tries += 1), at: ago(0), duration_ms: 90, outcome: isKnown ? "done" : "failed", requests: ["message 200"], error });
  Object.assign(job, { state: isKnown ? "done" : "failed", error, failures: isKnown ? 0 : 1, updated_at: ago(0) });
  delete job.isRead;
}

export const CRM_JOBS = {
  crm_job_list({ world, params, query }) {
    if (query.state && ![...STATES, "failed"].includes(query.state)) throw refused(422, "invalid_request", "`state` must be waiting, done, skipped or failed.", [{ path: "query.state", rule: "waiting_done_skipped_failed" }]);
    const jobs = of(world, params).filter((one) => !query.state || one.state === query.state);
    return { json: pageOf(jobs.map(brief), { limit: 20, ...query }, "jobs") };
  },
  crm_job_get({ world, params }) {
    const job = found(world, params);
    worked(job);
    return whole(job);
  },
  crm_job_edit({ world, params, body }) {
    const job = found(world, params);
    if (!["failed", "waiting"].includes(job.state)) throw refused(409, "conflict", "Only a job that failed, or that waits and is not at work, can be edited.", [{ path: "state", rule: "failed_or_waiting" }]);
    return whole(Object.assign(job, { detail: body.detail, updated_at: ago(0) }));
  },
  crm_job_retry: ({ world, params }) => whole(again(found(world, params))),
  crm_job_dismiss({ world, params }) {
    const job = found(world, params);
    if (job.state !== "failed") throw refused(409, "conflict", "Only a job that failed can be dismissed.", [{ path: "state", rule: "failed" }]);
    world.crmJobs.splice(world.crmJobs.indexOf(job), 1);
    return { status: 204 };
  },
  crm_jobs_retry_failed({ world, params, body }) {
    const jobs = of(world, params).filter((one) => one.state === "failed" && (!body.code || one.error.code === body.code) && (!body.since || one.updated_at >= body.since));
    jobs.forEach(again);
    return { json: { count: jobs.length } };
  },
};
