// How things fare, as GET status tells it: its lights, and what needs attention.

import { el, icon, named } from "../dom.js";
import { duration } from "../format.js";
import { pathOf } from "./address.js";
import { light, section, when } from "./ui.js";

const LIGHTS = { ok: ["good", "Working"], warn: ["warn", "Needs a look"], down: ["bad", "Down"] };

/** A light of the API's in words. */
export const lightOf = (status) => light(...(LIGHTS[status] ?? ["off", "Unknown"]));

/** How long something has waited, in words. */
export const waited = (seconds) => (seconds < 90 ? `${seconds} s` : duration(seconds * 1000));

const JOBS = "jobs:";
const WAYS = {
  alert: () => `${pathOf("alerts")}#state=open`,
  webhook: (id) => pathOf("webhooks", id), channel: (id) => pathOf("channels", id), integration: (id) => pathOf("integrations", id),
  queue: (id) => (id.startsWith(JOBS) ? pathOf("integrations", id.slice(JOBS.length), "jobs") : null),
};

/** What needs attention, with the way to it where there is one. `items`: { status, subject, id, name, summary, since }. */
export function attentionSection(items) {
  const line = ({ subject, id, name, summary, since }) => {
    const href = WAYS[subject]?.(id);
    return el("li", null, icon("alert"), el("div", null,
      href ? el("a", { href }, named(name)) : el("strong", null, named(name)),
      el("p", null, el("bdi", { dir: "auto" }, summary), since && el("span", { class: "faint" }, " Since ", when(since)))));
  };
  return section("What needs attention", el("ul", { class: "attention" }, items.map(line)), el("p", null, el("a", { href: pathOf("alerts") }, "All alerts, and who is told of them")));
}
