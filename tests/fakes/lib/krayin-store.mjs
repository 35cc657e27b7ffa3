// The tables of the fake Krayin, its clock, and how it keeps times.

import { ATTRIBUTES, PIPELINE, SOURCES, TYPES } from "./krayin-seeds.mjs";

/** Minutes that a zone is ahead of UTC at an instant. */
function aheadOf(timeZone, millis) {
  if (timeZone === "UTC") return 0;
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-US", { timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" })
    .formatToParts(millis).map(({ type, value }) => [type, Number(value)]));
  const wall = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  return Math.round((wall - millis) / 60_000);
}

/** Where the counters of a fresh installation stand, unless a test moves them. */
const FIRST = { persons: 1, organizations: 1, leads: 1, activities: 1, tags: 1, users: 1, sources: 1, types: 1, attributes: 61, roles: 1, groups: 1, mails: 1, files: 1, webhooks: 1, workflows: 1, pipelines: 1, products: 1 };

/**
 * The store; `options` has `now` (ms, a function, or undefined for the real clock) and `timeZone`, and
 * is read at every use. Times are kept as wall clock of that zone, as the database keeps them.
 */
export function storeOf(options, first = {}) {
  const ids = { ...FIRST, ...first };
  const tables = Object.fromEntries(Object.keys(ids).map((name) => [name, []]));
  const millis = () => (typeof options.now === "function" ? options.now() : options.now ?? Date.now());

  const store = {
    ids, tables, millis,
    /** Now, as a column has it: "2026-11-21 04:44:11". */
    now: () => new Date(Math.floor(millis() / 1000) * 1000 + aheadOf(options.timeZone, millis()) * 60_000).toISOString().slice(0, 19).replace("T", " "),
    /** A kept time as JSON shows it. */
    shown(wall) {
      if (wall === null || wall === undefined) return null;
      const asUtc = Date.parse(`${wall.replace(" ", "T")}${wall.length === 10 ? "T00:00:00" : ""}Z`);
      return `${new Date(asUtc - aheadOf(options.timeZone, asUtc) * 60_000).toISOString().slice(0, 19)}.000000Z`;
    },
    /** The next id; taken even when the insert then fails, as auto-increment does. */
    next: (table) => ids[table]++,
    insert(table, values, id = store.next(table)) {
      const row = { id, created_at: store.now(), updated_at: store.now(), ...values };
      tables[table].push(row);
      return row;
    },
    find: (table, id) => tables[table].find((row) => String(row.id) === String(id)),
    remove(table, row) {
      tables[table].splice(tables[table].indexOf(row), 1);
    },
    /** Sets columns; the row's time moves only when one of them differs. */
    update(row, values) {
      const isDirty = Object.entries(values).some(([name, value]) => JSON.stringify(row[name]) !== JSON.stringify(value));
      Object.assign(row, values, isDirty && { updated_at: store.now() });
      return isDirty;
    },
  };

  store.insert("roles", { name: "Administrator", description: "Administrator Role", permission_type: "all", permissions: null, created_at: null, updated_at: null });
  store.insert("pipelines", structuredClone(PIPELINE));
  for (const name of SOURCES) store.insert("sources", { name });
  for (const name of TYPES) store.insert("types", { name });
  for (const [id, code, name, type, lookup_type, entity_type, sort_order, validation, is_required, is_unique] of ATTRIBUTES) {
    store.insert("attributes", { code, name, type, lookup_type, entity_type, sort_order, validation, is_required, is_unique, quick_add: 1, is_user_defined: 0, options: [] }, id);
  }
  return store;
}
