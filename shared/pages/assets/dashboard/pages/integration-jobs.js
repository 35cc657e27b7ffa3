// What is done at a CRM, one job for each change: found by how it ended, and all that failed sent again.

import { el, named, toast } from "../../dom.js";
import { pathOf } from "../address.js";
import { formDialog } from "../forms.js";
import { paged, pagedList } from "../lists.js";
import { button, empty, light, when } from "../ui.js";

const STATES = { waiting: ["warn", "Waiting"], done: ["good", "Done"], skipped: ["off", "Nothing to do"], failed: ["bad", "Failed"] };

export const jobState = ({ state }) => light(...(STATES[state] ?? ["off", state]));

export async function jobs(app, { connector, path, status }) {
  const at = (id) => pathOf("integrations", connector, "jobs", id);
  const against = app.against("admin") ?? (status.queue.failed === 0 ? "Nothing has failed." : null);
  const list = pagedList(app, {
    label: "Jobs",
    filters: [{ name: "state", label: "State", options: [["", "All"], ...Object.entries(STATES).map(([value, [, words]]) => [value, words])] }],
    load: async ({ state }, cursor) => paged(await app.api.get(`${path}/jobs`, { state, cursor, limit: 50 }, { signal: app.signal }), "jobs"),
    none: (isFiltered) => (isFiltered ? empty("None of these", "No job has this state. Choose another.") : empty("No jobs yet", "Each change, here or there, is a job once the integration is on: a message, a customer, a conversation.")),
    open: (job) => app.go(at(job.id)),
    columns: [
      { title: "Job", cell: (job) => [el("a", { href: at(job.id) }, el("strong", null, named(job.kind))), el("span", { class: "sub" }, named(job.subject), job.priority === "backfill" && " (backfill)")] },
      { title: "State", cell: (job) => [jobState(job), job.error && el("span", { class: "sub" }, named(job.error.message || job.error.code))] },
      { title: "Tries", kind: "num", cell: ({ tries }) => tries.toLocaleString() },
      { title: "Happened", cell: ({ ordered_at }) => when(ordered_at) },
      { title: "Changed", cell: ({ updated_at }) => when(updated_at) },
    ],
  });
  await list.ready;
  return [
    el("div", { class: "acts" }, button("Send all failed again…", () => retryAll(app, path), { against })),
    list,
  ];
}

async function retryAll(app, path) {
  const done = await formDialog("Send all failed again", {
    label: "Send again", fields: [
      { name: "since", label: "Only what failed since", kind: "date" },
      { name: "code", label: "Only with this code", help: "As an error has it, such as bad_request. Empty: all." },
    ],
    submit: ({ since, code }) => app.api.post(`${path}/retry-failed`, { ...(since && { since }), ...(code && { code }) }),
  }, el("p", null, "Mend first what made them fail. They are done again in order, within the budget; nothing is written twice."));
  if (!done) return;
  toast(done.count === 1 ? "One job is done again." : `${done.count.toLocaleString()} jobs are done again.`);
  app.reload();
}
