// Connections to CRMs: each with how it fares, and the way to it. Which there are, the API says.

import { el, named } from "../../dom.js";
import { pathOf } from "../address.js";
import { orElse } from "../api.js";
import { pagedList } from "../lists.js";
import { empty, linkButton, pageHead, when } from "../ui.js";
import { connectorName, stateLight } from "./integration-state.js";

export async function show(app) {
  const [connector, view = "", id] = app.rest;
  if (connector) return (await import("./integration.js")).show(app, connector, view, id);
  const list = pagedList(app, {
    label: "Integrations",
    load: async () => ({ rows: await connections(app), next: null }),
    none: () => empty("No integration", "This deployment has no connector."),
    open: (one) => app.go(pathOf("integrations", one.connector)),
    columns: [
      { title: "CRM", cell: (one) => el("a", { href: pathOf("integrations", one.connector) }, el("strong", null, named(connectorName(one.connector)))) },
      { title: "State", cell: stateOf },
      { title: "Last sync", cell: ({ status }) => when(status?.last_success_at) },
      { title: "Last error", cell: ({ status }) => (status?.last_error ? [named(status.last_error.message), el("span", { class: "sub" }, when(status.last_error.at))] : el("span", { class: "faint" }, "none")) },
      { title: "Waiting", kind: "num", cell: ({ status }) => status?.queue.waiting.toLocaleString() ?? "–" },
      { title: "Failed", kind: "num", cell: failedOf },
    ],
  });
  await list.ready;
  return [pageHead("Integrations", "Your CRMs: what happens here is written there, and the other way round."), list];
}

// What is a source of conversations and no CRM is set up as an account, so that the list lacks it: the status has it.
async function connections(app) {
  const options = { signal: app.signal };
  const [{ integrations }, health] = await Promise.all([app.api.get("integrations", null, options), orElse(app.api.get("status", null, options))]);
  const known = new Set(integrations.map(({ connector }) => connector));
  const sources = (health?.integrations ?? []).filter(({ connector }) => !known.has(connector));
  const status = ({ connector }) => orElse(app.api.get(`integrations/${encodeURIComponent(connector)}/status`, null, options));
  return Promise.all([...integrations, ...sources].map(async (one) => ({ connector: one.connector, updated_at: one.updated_at, isSource: !known.has(one.connector), status: await status(one) })));
}

function stateOf(one) {
  const { connector, status, updated_at, isSource } = one;
  if (!status) return el("span", { class: "faint" }, "Not known just now");
  if (status.status === "disabled" && !updated_at && !isSource) return [el("span", { class: "faint" }, "Not connected"), el("span", { class: "sub" }, linkButton("Connect", pathOf("integrations", connector)))];
  const [first, ...others] = status.reasons;
  return [stateLight(status.status), first && el("span", { class: "sub" }, named(first.message), others.length > 0 && ` and ${others.length} more`)];
}

function failedOf({ connector, status }) {
  if (!status?.queue.failed) return status ? "0" : "–";
  return el("a", { href: `${pathOf("integrations", connector, "jobs")}#state=failed`, "aria-label": `${status.queue.failed} failed jobs` }, status.queue.failed.toLocaleString());
}
