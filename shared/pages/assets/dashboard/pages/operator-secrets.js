// Sealing what is stored anew, after the ring of master keys has changed.

import { el, fill, named } from "../../dom.js";
import { table } from "../lists.js";
import { button, failure, light, note, progressBar, section } from "../ui.js";

const REASONS = { unknown_master_key: "The ring lacks its master key", unreadable: "No key opens it" };

export async function show(app) {
  const box = el("div", { class: "listing", role: "status" });
  const start = button("Reseal", () => run(), { kind: "primary" });
  async function run(so = { done: 0, failed: [], cursor: null }) {
    start.disabled = true;
    try {
      await reseal(app, box, so);
    } catch (error) {
      // What is sealed stays so: it goes on where it was.
      if (!app.signal.aborted) fill(box, failure(error, () => run(so)), failedTable(so.failed));
    }
    start.disabled = false;
  }
  return [
    section("Reseal secrets",
      el("p", null, "When a new master key stands first in ", el("code", null, "MASTER_KEYS"), ", what older ones sealed is sealed anew, piece by piece, while everything goes on. Take the old key from the ring only when nothing is left under it."),
      el("p", null, "It may be run at any time, and again: what the present key seals already stays. Leaving the page ends it after the piece that is under way."),
      el("div", { class: "acts" }, start)),
    box,
  ];
}

/** Seals piece by piece. `so`, how far it is, is kept up to date. */
async function reseal(app, box, so) {
  for (;;) {
    const { key_id, resealed, failed, remaining, has_more, next_cursor } = await app.api.post("/api/dashboard/secrets/reseal", so.cursor ? { cursor: so.cursor } : {}, { signal: app.signal });
    so.done += resealed;
    so.failed.push(...failed);
    so.cursor = next_cursor;
    if (!has_more) return fill(box, outcome(key_id, so, remaining), failedTable(so.failed));
    fill(box, progressBar(so.done, so.done + remaining, `${so.done.toLocaleString()} sealed anew, ${remaining.toLocaleString()} to go…`), failedTable(so.failed));
  }
}

function outcome(keyId, { done, failed }, remaining) {
  const text = `${done.toLocaleString()} sealed anew under the master key ${keyId}; ${remaining.toLocaleString()} left under others.`;
  return [note(light(failed.length || remaining ? "warn" : "good", text)), remaining > 0 && failed.length === 0 && note("What was written meanwhile is left. Reseal once more.", "warn")];
}

function failedTable(failed) {
  return failed.length > 0 && section("What could not be opened", el("p", null, "It stays as it is. Put its master key into the ring and reseal, or enter the secret again."), table("What could not be opened", [
    { title: "Where", cell: ({ column, id }) => [el("code", { dir: "ltr" }, column), el("span", { class: "sub" }, id)] },
    { title: "Business", cell: ({ business_id }) => named(business_id || "the deployment itself") },
    { title: "Master key", cell: ({ key_id }) => (key_id ? el("code", null, key_id) : "–") },
    { title: "Why", cell: ({ reason }) => REASONS[reason] ?? reason },
  ], failed));
}
