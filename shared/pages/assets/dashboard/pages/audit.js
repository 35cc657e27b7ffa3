// The audit log: who changed what, and from where.

import { el, named } from "../../dom.js";
import { busy } from "../acts.js";
import { csvOf, save } from "../csv.js";
import { paged, pagedList } from "../lists.js";
import { button, chips, empty, light, note, when } from "../ui.js";

const COLUMNS = ["created_at", "operation", "target", "fields", "member_name", "key_id", "key_name", "address", "request_id", "error", "reason"];
/** What stands in the place of a key's id for what the operator of the deployment did. */
const OPERATORS = { platform: "The operator", support: "Support, by the operator" };
/** Most entries in one file. */
const MOST = 10_000;

export async function show(app) {
  const against = app.against("admin");
  if (against) return [note(against)];
  const load = async (filters, cursor, limit = 50) => paged(await app.api.get("audit", { ...timesOf(filters), cursor, limit }, { signal: app.signal }), "entries");
  const list = pagedList(app, {
    label: "Changes",
    filters: [
      { name: "operation", label: "What", kind: "search", placeholder: "key_create" },
      { name: "target", label: "Of what (id)", kind: "text" },
      { name: "key_id", label: "By the key", kind: "text" },
      { name: "from", label: "From", kind: "date" },
      { name: "to", label: "To", kind: "date" },
    ],
    load,
    none: (isFiltered) => (isFiltered ? empty("Nothing like that", "No change fits these filters. Take one away.") : empty("Nothing was changed yet", "Whatever is changed in the settings stands here, with who did it and from where.")),
    columns: [
      { title: "When", cell: ({ created_at }) => when(created_at) },
      { title: "What", cell: ({ operation, error }) => [el("code", null, operation), error && el("span", { class: "sub" }, light("bad", error))] },
      { title: "Of what", cell: ({ target, fields }) => [target && el("code", null, target), " ", fields.length > 0 && chips(fields)] },
      { title: "Who", cell: (entry) => [named(OPERATORS[entry.key_id] ?? (entry.member_name || entry.key_name || entry.key_id || "A member")), el("span", { class: "sub" }, entry.address), entry.reason && el("span", { class: "sub", dir: "auto" }, entry.reason)] },
    ],
  });
  await list.ready;
  const csv = button("Export as CSV", (event) => busy(event, async () => {
    const rows = [];
    let cursor = null;
    do {
      const page = await load(app.filters, cursor, 200);
      rows.push(...page.rows);
      cursor = page.next;
    } while (cursor && rows.length < MOST);
    save("audit.csv", csvOf(COLUMNS, rows.map((row) => COLUMNS.map((name) => (name === "fields" ? row.fields.join(" ") : row[name])))));
  }), { glyph: "download" });
  return [el("div", { class: "acts" }, csv), list];
}

// Days of the viewer's zone, as the times that the API takes.
function timesOf({ from, to, ...rest }) {
  const time = (day, next) => {
    const at = new Date(`${day}T00:00:00`);
    if (next) at.setDate(at.getDate() + 1);
    return at.toISOString();
  };
  return { ...rest, from: from && time(from, false), to: to && time(to, true) };
}
