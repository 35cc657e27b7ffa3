// What a question finds in CRM links: the hits with their scores and sources, as answers are made from them.

import { announce, el, fill, named } from "../../dom.js";
import { pathOf } from "../address.js";
import { form } from "../forms.js";
import { chips, codeBlock, empty, failure, linkButton, note, pageHead, section, when } from "../ui.js";
import { CHANNELS } from "./crm-link-form.js";

/** The fields whose values stand in the address. */
const KEPT = ["query", "page_id", "channel", "customer", "k"];

export async function show(app) {
  const box = el("div", { class: "list", role: "status" });
  const { filters } = app;
  const node = form({
    label: "Search", against: app.against("agent"),
    fields: [
      { name: "query", label: "Question", required: true, value: filters.query, placeholder: "Who has Gold support?" },
      { name: "page_id", label: "Page", value: filters.page_id, help: "Its id. Empty: the links of all pages." },
      { name: "channel", label: "Channel", kind: "select", value: filters.channel ?? "", options: [["", "Any"], ...CHANNELS] },
      { name: "customer", label: "As an answer to the customer", value: filters.customer, help: "A customer's id: then only what is for everybody and what is theirs is found. Empty: all that there is." },
      { name: "k", label: "Hits at most", kind: "number", min: "1", max: "50", value: filters.k ?? 10 },
    ],
    submit: (values) => search(app, values, box),
  });
  // An address with a question shows its answer. Without the role it shows why not.
  if (filters.query && !app.against("agent")) await search(app, node.values(), box).catch((error) => fill(box, failure(error)));
  return [pageHead("Search CRM links", "Try what a question finds, before an answer is made from it.", linkButton("All links", pathOf("crm-links"))), section(null, node), box];
}

async function search(app, values, box) {
  const asked = Object.fromEntries(KEPT.map((name) => [name, values[name]]).filter(([, value]) => value !== "" && value !== null && value !== undefined));
  app.setFilters(asked);
  box.setAttribute("aria-busy", "true");
  try {
    const found = await app.api.post("rag/search", asked, { signal: app.signal });
    fill(box, viewOf(found));
    announce(found.total === 1 ? "1 hit" : `${found.total} hits`);
  } catch (error) {
    fill(box);
    throw error;
  } finally {
    box.setAttribute("aria-busy", "false");
  }
}

function viewOf({ results, degraded }) {
  if (results.length === 0) return empty("Nothing fits", "Ask in other words, leave out the page or the channel, or see among the documents of a link whether the record is there.");
  return [
    degraded && note("Words alone decided: nothing embeds questions at the moment.", "warn"),
    el("ol", { class: "listing" }, results.map((hit) => el("li", null, section(null,
      el("p", { class: "chart-head" }, el("a", { href: pathOf("crm-links", hit.link_id) }, el("strong", null, named(hit.link_name))), el("span", null, "Score ", el("strong", null, hit.score.toFixed(2)))),
      el("p", { class: "faint" }, chips([hit.record_key]), " ", el("bdi", { dir: "auto" }, hit.path), ", fetched ", when(hit.fetched_at)),
      codeBlock(hit.text, `Record ${hit.record_key}`))))),
  ];
}
