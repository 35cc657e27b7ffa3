// Deliveries of providers that were taken while the database was down, and failed when they were replayed.

import { el } from "../../dom.js";
import { paged, pagedList } from "../lists.js";
import { empty, light, note, when } from "../ui.js";

const STATES = { waiting: ["warn", "Tried again each minute"], dead: ["bad", "Given up"] };

export async function show(app) {
  const list = pagedList(app, {
    label: "Parked deliveries",
    load: async (_, cursor) => paged(await app.api.get("/api/dashboard/parked-deliveries", { cursor, limit: 50 }, { signal: app.signal }), "deliveries"),
    none: () => empty("None has failed", "While the database is down, what providers deliver is parked, and comes in by itself once it is back. What fails then stands here."),
    columns: [
      { title: "From", cell: ({ receiver, key }) => [el("strong", null, receiver), el("span", { class: "sub" }, el("code", { dir: "ltr" }, key))] },
      { title: "State", cell: ({ state }) => light(...(STATES[state] ?? ["off", state])) },
      { title: "Last error", cell: ({ code, message }) => [el("code", null, code), el("span", { class: "sub", dir: "auto" }, message)] },
      { title: "Tries", kind: "num", cell: ({ tries }) => tries.toLocaleString() },
      { title: "First", cell: ({ first_tried_at }) => when(first_tried_at) },
      { title: "Last", cell: ({ last_tried_at }) => when(last_tried_at) },
    ],
  });
  await list.ready;
  return [note("Each is tried 20 times. Then it is given up, and its bytes stay in KV under the same key below dead-inbound/."), list];
}
