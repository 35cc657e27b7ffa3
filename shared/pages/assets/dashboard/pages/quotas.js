// How much the business may have, and has.

import { el } from "../../dom.js";
import { fileSize } from "../../format.js";
import { light, note, progressBar, section } from "../ui.js";

/** What is limited, by its name in the API. */
export const NAMES = { channels: "Channels", webhooks: "Endpoints", api_keys: "API keys", stored_bytes: "Stored files", messages_per_day: "Messages sent today (UTC)" };

const shown = (name, value) => (name === "stored_bytes" ? fileSize(value) : value.toLocaleString());

/** What is used of each quota. */
export const quotaBars = (quotas) => Object.entries(quotas).map(([name, { used, limit, exceeded = used > limit, received }]) => el("div", null,
  el("p", null, el("strong", null, NAMES[name] ?? name), " \u00a0", exceeded ? light("bad", "Over the limit") : used >= limit * 0.8 ? light("warn", "Nearly used up") : null),
  progressBar(Math.min(used, limit), limit, `${shown(name, used)} of ${shown(name, limit)}${received === undefined ? "" : `, ${shown(name, received)} received`}`)));

export async function show(app) {
  const { quotas } = await app.api.get("quotas", null, { signal: app.signal });
  return [
    section("Quotas", quotaBars(quotas)),
    note("What comes in is never refused. Whoever runs this deployment can raise a quota."),
  ];
}
