// One job: what it is about, why it failed, what was asked of the CRM; edited, done again, or given up.

import { el, named, toast } from "../../dom.js";
import { ApiError } from "../../http.js";
import { busy, confirmAct } from "../acts.js";
import { pathOf } from "../address.js";
import { form } from "../forms.js";
import { table } from "../lists.js";
import { button, codeLine, empty, facts, linkButton, pageHead, section, when } from "../ui.js";
import { jobState } from "./integration-jobs.js";
import { connectorName, troubleOf } from "./integration-state.js";

const OUTCOMES = { done: "Done", skipped: "Nothing to do", waits: "Waits", failed: "Failed" };
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export async function show(app, { connector, path, id }) {
  const at = `${path}/jobs/${encodeURIComponent(id)}`;
  const list = pathOf("integrations", connector, "jobs");
  let job;
  try {
    ({ job } = await app.api.get(at, null, { signal: app.signal }));
  } catch (error) {
    if (error.status !== 404) throw error;
    return [pageHead("Job"), empty("There is no such job", "It was given up, or the address is wrong.", linkButton("All jobs", list))];
  }
  const against = app.against("admin");
  const isFailed = job.state === "failed";
  const again = button(job.state === "waiting" ? "Try now" : "Send again", (event) => busy(event, () => retry(app, at)), { kind: "primary", against });
  const dismiss = button("Give up…", () => giveUp(app, at, job, list), { against: against ?? (isFailed ? null : "Only a job that failed can be given up.") });
  return [
    pageHead(`${connectorName(connector)}: ${job.kind}`, null, linkButton("All jobs", list), dismiss, again),
    section("Job", facts([
      ["State", jobState(job)], ["Why", job.error && troubleOf(connector, job.error)], ["Happened", when(job.ordered_at)], ["Record", codeLine(job.subject)],
      ["Order", ID.test(job.stream) ? el("a", { href: pathOf("customers", job.stream) }, "In order with the customer’s others") : named(job.stream)],
      ["Priority", job.priority === "backfill" ? "Of a backfill: gives way to what happens now" : "Now"], ["Tries", `${job.tries.toLocaleString()}, of which ${job.failures.toLocaleString()} failed since it was last wanted`],
      ["Made", when(job.created_at)], ["Changed", when(job.updated_at)], ["Id", codeLine(job.id)],
    ])),
    section("Attempts", job.attempts.length === 0 ? el("p", { class: "faint" }, "None yet.") : attemptsTable(connector, job.attempts)),
    section("Input", input(app, at, job, against)),
  ];
}

const attemptsTable = (connector, attempts) => table("Attempts", [
  { title: "No.", kind: "num", cell: (one) => one.number.toLocaleString() },
  { title: "When", cell: (one) => when(one.at) },
  { title: "Outcome", cell: ({ outcome, error }) => [OUTCOMES[outcome] ?? outcome, error && el("span", { class: "sub" }, named(error.message), " ", el("code", { dir: "ltr" }, error.code))] },
  { title: "Requests to the CRM", cell: ({ requests }) => (requests.length > 0 ? el("ul", null, requests.map((one) => el("li", null, el("code", { dir: "ltr" }, one)))) : el("span", { class: "faint" }, "none")) },
  { title: "Took", kind: "num", cell: ({ duration_ms }) => `${duration_ms.toLocaleString()} ms` },
], attempts);

function input(app, at, job, against) {
  const isOpen = job.state === "failed" || job.state === "waiting";
  const closed = against ?? (isOpen ? null : "Only a job that failed, or that waits, can be edited.");
  return [
    el("p", { class: "faint" }, "What the job has beside the record: an event of the CRM, as it came. Most have nothing, and read the record as it stands when they are done."),
    form({
      fields: [{ name: "detail", label: "Input, as JSON", kind: "area", rows: 8, value: job.detail === null ? "" : JSON.stringify(job.detail, null, 2), help: "An object. Empty: none.", disabled: Boolean(closed) }],
      label: "Save and send again", against: closed,
      async submit({ detail }) {
        await app.api.patch(at, { detail: parsed(detail) });
        await retry(app, at);
      },
    }),
  ];
}

function parsed(text) {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(422, "invalid_request", `This is no JSON: ${error.message}`, [{ path: "detail", rule: "json" }]);
  }
}

async function retry(app, at) {
  await app.api.post(`${at}/retry`);
  toast("It is done again, in order.");
  app.reload();
}

async function giveUp(app, at, job, list) {
  const done = await confirmAct("Give this job up?", [
    el("p", null, "What it was to bring in sync (", named(job.kind), " ", named(job.subject), ") stays as it is at the CRM. The next change of the same record makes a job of its own."),
  ], "Give up", () => app.api.remove(at), { done: "The job is given up." });
  if (done) app.go(list);
}
