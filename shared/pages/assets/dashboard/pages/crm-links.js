// Data of CRMs that answers are made from: the links to it, adding one, and the way to each.

import { el, fill, named } from "../../dom.js";
import { showSecret } from "../acts.js";
import { pathOf } from "../address.js";
import { form } from "../forms.js";
import { pagedList, table } from "../lists.js";
import { button, chips, codeBlock, empty, facts, failure, light, linkButton, note, pageHead, section, when } from "../ui.js";
import { CHANNELS, linkFields, linkOf } from "./crm-link-form.js";

/** How many links are shown at once; the API gives all. */
const SHOWN = 50;
const STATES = { fresh: ["good", "Fresh"], failing: ["bad", "Failing"], suspect_shrink: ["warn", "Waits: many records are gone"], new: ["off", "Not fetched yet"], inactive: ["off", "Off"] };

/** What is to be said of a link's state. */
export const linkState = ({ state }) => light(...(STATES[state] ?? ["off", state]));
export const channelNames = (names) => chips(names.map((name) => CHANNELS.find(([value]) => value === name)?.[1] ?? name));

/** Every link once, though the API lists it under each of its channels. */
const linksOf = ({ pages_data }) => [...new Map(pages_data.flatMap((page) => [...page.facebook_crm_links, ...page.messenger_crm_links, ...page.other_crm_links].map((link) => [link.id, { ...link, page_name: page.page_name }]))).values()];

export async function show(app) {
  const [id, view] = app.rest;
  if (id === "new") return add(app);
  if (id === "search") return (await import("./crm-link-search.js")).show(app);
  if (id) return (await import("./crm-link.js")).show(app, id, view);
  const against = app.against("admin");
  const fresh = () => (against ? button("Add a link", null, { kind: "primary", against, glyph: "plus" }) : linkButton("Add a link", pathOf("crm-links", "new"), "primary"));
  let all = null;
  const list = pagedList(app, {
    label: "CRM links",
    filters: [
      { name: "q", label: "Search", kind: "search", placeholder: "Name, URL or page" },
      { name: "state", label: "State", options: [["", "All"], ...Object.entries(STATES).map(([value, [, label]]) => [value, label])] },
    ],
    async load({ q, state }, cursor) {
      if (!cursor) all = linksOf(await app.api.get("crm-links/all", null, { signal: app.signal }));
      const words = q.toLocaleLowerCase();
      const rows = all.filter((link) => (!state || link.state === state) && [link.name, link.url, link.page_id, link.page_name].some((text) => text.toLocaleLowerCase().includes(words)));
      const start = cursor ?? 0;
      return { rows: rows.slice(start, start + SHOWN), next: rows.length > start + SHOWN ? start + SHOWN : null };
    },
    none: (isFiltered) => (isFiltered ? empty("No link like that", "No link fits these filters. Take one away.") : empty("No CRM is linked yet", "A link fetches records from an API, a database or a file, keeps them fresh, and makes them searchable for answers. Add one; a preview shows what would be stored.", fresh())),
    open: (link) => app.go(pathOf("crm-links", link.id)),
    columns: [
      { title: "Name", cell: (link) => [el("a", { href: pathOf("crm-links", link.id) }, el("strong", null, named(link.name))), el("span", { class: "sub", dir: "auto" }, link.url)] },
      { title: "Page", cell: (link) => [named(link.page_name || link.page_id), channelNames(link.channels)] },
      { title: "State", cell: linkState },
      { title: "Records", kind: "num", cell: ({ last_fetch }) => (last_fetch ? last_fetch.records.toLocaleString() : "–") },
      { title: "Fetched", cell: ({ last_fetch }) => when(last_fetch?.at) },
    ],
  });
  await list.ready;
  return [pageHead("CRM links", "Records of your CRM and other systems, fetched on a schedule and searched for answers.", linkButton("Try a search", pathOf("crm-links", "search")), fresh()), list];
}

function add(app) {
  const against = app.against("admin");
  const result = el("div", { class: "listing", role: "status" });
  const node = form({
    fields: linkFields(), label: "Add", against,
    secondary: button("Preview", () => preview(app, () => ({ ...linkOf(node.values()), is_active: true }), result), { against }),
    async submit(values) {
      const made = await app.api.post("crm-links", { ...linkOf(values), is_active: true });
      if (made.signing_secret) await showSecret("The secret of the link", "Pushes to this link are signed with this secret.", made.signing_secret);
      app.go(pathOf("crm-links", made.crm_link.id));
    },
  });
  return [pageHead("Add a CRM link", "Nothing is stored before you add it. A preview fetches the first page once.", linkButton("All links", pathOf("crm-links"))), section(null, node), result];
}

async function preview(app, linkOfForm, box) {
  fill(box, el("p", { class: "faint" }, "Fetching the first page…"));
  try {
    fill(box, previewOf(await app.api.post("crm-links/preview", linkOfForm(), { signal: app.signal })));
  } catch (error) {
    if (!app.signal.aborted) fill(box, failure(error));
  }
  box.scrollIntoView({ block: "nearest" });
}

function previewOf(found) {
  if (found.error) return note([el("strong", null, "Nothing could be fetched. "), found.error], "bad");
  const { owners } = found;
  return [
    section("Preview", facts([
      ["Format", found.format], ["Looked at", `${found.looked_at.toLocaleString()} records${found.has_more_pages ? "; there are more pages" : ""}`], ["Masked", `${found.masked.toLocaleString()} values`],
      ["For everybody", owners.everyone.toLocaleString()], ["For one customer", owners.known.toLocaleString()], ["For nobody", owners.unknown > 0 && `${owners.unknown.toLocaleString()}: somebody's, but not known whose`],
    ].filter(([, value]) => value !== false))),
    section("Fields", found.fields.length === 0 ? el("p", { class: "faint" }, "No field was found.") : table("Fields", [
      { title: "Field", cell: ({ path }) => el("code", { dir: "ltr" }, path) },
      { title: "Example", cell: ({ example }) => named(example) },
      { title: "Filled", kind: "num", cell: ({ filled }) => filled.toLocaleString() },
      { title: "Stored", cell: (field) => (!field.is_taken ? light("off", "No") : field.masked > 0 ? light("warn", "Masked") : light("good", "Yes")) },
    ], found.fields)),
    section("First records", found.records.map((record) => el("div", { class: "listing" }, el("h3", null, named(record.title || record.key)), record.problems.length > 0 && chips(record.problems.map((one) => one.replace(/_/g, " "))), codeBlock(record.text, `Record ${record.key}`)))),
  ];
}
