// What the lists hold: records that change, come and go as a test says, and lists that are not as they should be.

import { recordOf, records } from "./data.mjs";
import { SHAPES } from "./shapes.mjs";

const keyOf = (shape, record) => String(record[SHAPES[shape].key]);

/** How a record can be wrong; each takes a copy, the position of the record, and its shape's key. */
const ODDITIES = {
  "no-ids": (record, at, key) => void delete record[key],
  "same-id": (record, at, key, first) => void (at === 1 && (record[key] = first)),
  "date-ids": (record, at, key) => void (record[key] = new Date(Date.UTC(2026, 0, 1 + at)).toISOString()),
  "control-keys": (record, at) => void Object.assign(record, { "bad\u0000key": "nul", "new\nline": "line", "\u001b[31mred": "escape", "right\u202eleft": `turned ${at}` }),
};

/** The lists of a fake; `now` is the clock, in ms. */
export function storeOf({ seed, counts, count, now }) {
  const lists = new Map();

  function listOf(shape) {
    if (!SHAPES[shape]) throw new Error(`unknown shape ${shape}`);
    if (!lists.has(shape)) {
      const made = records(shape, counts[shape] ?? count, seed);
      lists.set(shape, { held: made.map((record, number) => ({ number, record, version: 0 })), next: made.length, oddity: undefined, shrunk: undefined });
    }
    return lists.get(shape);
  }

  function rewritten(shape, entry) {
    entry.version += 1;
    entry.record = recordOf(shape, entry.number, seed, { version: entry.version });
  }

  const store = {
    /** The records of a shape, in order, as they are given now. */
    list(shape) {
      const { held, oddity, shrunk } = listOf(shape);
      const all = held.map(({ record }) => record);
      const shown = shrunk && now() < shrunk.until ? all.slice(0, Math.floor((all.length * shrunk.percent) / 100)) : all;
      if (!oddity) return shown;
      const { key } = SHAPES[shape];
      return shown.map((record, at) => {
        const copy = structuredClone(record);
        ODDITIES[oddity](copy, at, key, all[0][key]);
        return copy;
      });
    },
    /** Gives records another note: those of the ids, or so many. Gives their ids. */
    change(shape, which = 1) {
      const { held } = listOf(shape);
      const chosen = Array.isArray(which) ? held.filter(({ record }) => which.map(String).includes(keyOf(shape, record))) : held.slice(0, which);
      if (Array.isArray(which) && chosen.length !== which.length) throw new Error(`not all of ${which} are there`);
      for (const entry of chosen) rewritten(shape, entry);
      return chosen.map(({ record }) => keyOf(shape, record));
    },
    /** Sets fields of a record, as a new owner of it. */
    set(shape, id, fields) {
      const entry = listOf(shape).held.find(({ record }) => keyOf(shape, record) === String(id));
      if (!entry) throw new Error(`no ${shape} ${id}`);
      entry.record = { ...entry.record, ...fields };
    },
    /** Adds so many at the front. Gives their ids. */
    add(shape, count = 1) {
      const list = listOf(shape);
      const fresh = Array.from({ length: count }, () => ({ number: list.next, record: recordOf(shape, list.next++, seed), version: 0 }));
      list.held.unshift(...fresh);
      return fresh.map(({ record }) => keyOf(shape, record));
    },
    /** Takes away those of the ids, or so many from the end. Gives their ids. */
    remove(shape, which = 1) {
      const list = listOf(shape);
      const gone = Array.isArray(which) ? list.held.filter(({ record }) => which.map(String).includes(keyOf(shape, record))) : list.held.slice(-which);
      list.held = list.held.filter((entry) => !gone.includes(entry));
      return gone.map(({ record }) => keyOf(shape, record));
    },
    /** The list has so many records from now on. */
    resize(shape, count) {
      const list = listOf(shape);
      if (count > list.held.length) {
        const from = list.next;
        list.next += count - list.held.length;
        for (let number = from; number < list.next; number += 1) list.held.push({ number, record: recordOf(shape, number, seed), version: 0 });
      }
      list.held.length = count;
    },
    /** The next day: some changed, some new, some gone, and every record that stays stands elsewhere. Gives the ids. */
    nextDay(shape, { changed = 25, added = 6, removed = 6 } = {}) {
      const list = listOf(shape);
      if (list.held.length < changed + removed + 2) throw new Error(`${list.held.length} records are too few`);
      const before = list.held.slice();
      const gone = store.remove(shape, removed);
      const rewrite = store.change(shape, changed);
      const turn = Math.floor(list.held.length / 2);
      list.held = [...list.held.slice(turn), ...list.held.slice(0, turn)];
      const fresh = store.add(shape, added);
      // Halves of even length and so many new ones may leave one where it was: those go one further.
      while (list.held.some((entry, at) => before[at] === entry)) list.held.push(list.held.splice(added, 1)[0]);
      return { changed: rewrite, added: fresh, removed: gone };
    },
    /** Records are odd from now on: one of "no-ids", "same-id", "date-ids", "control-keys", or not at all. */
    oddity(shape, kind) {
      if (kind && !ODDITIES[kind]) throw new Error(`unknown oddity ${kind}`);
      listOf(shape).oddity = kind ?? undefined;
    },
    /** Only so many percent of the list are given, for a time. */
    shrink: (shape, percent, millis = 60_000) => void (listOf(shape).shrunk = { percent, until: now() + millis }),
  };
  return store;
}
