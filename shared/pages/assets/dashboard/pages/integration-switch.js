// Switching a connection on and off, each with what it will do.

import { openDialog } from "../../dialog.js";
import { el, named, toast } from "../../dom.js";
import { confirmAct } from "../acts.js";
import { button, codeLine, note } from "../ui.js";
import { advised, connectorName } from "./integration-state.js";

/** For whom a connection is, in words; null where it does not say. */
export function rolloutText({ rollout } = {}) {
  if (!rollout) return null;
  const { percent, tag } = rollout;
  if (tag && percent === 100) return `Only customers with the tag “${tag}”`;
  const share = percent === 100 ? "All customers" : percent === 0 ? "No customer" : `${percent} % of the customers, always the same ones`;
  return tag ? `${share}, and those with the tag “${tag}”` : share;
}

/** The button that switches it on, or off. `against`: why neither may be done. */
export const switchButton = (app, path, integration, against) => (integration.status === "active"
  ? button("Switch off…", () => switchOff(app, path, integration), { against })
  : button("Switch on…", () => switchOn(app, path, integration), { kind: "primary", against: against ?? keyMissing(integration) }));

/** Why it cannot be switched on yet, or null. */
function keyMissing({ credentials = {} }) {
  const keys = Object.values(credentials).filter((one) => "source" in one);
  return keys.every(({ set }) => set) ? null : "Enter a key first, and save it.";
}

async function switchOn(app, path, integration) {
  let answer;
  const name = connectorName(integration.connector);
  const done = await confirmAct(`Switch ${name} on?`, [
    el("p", null, "The connection is tested once more. Then what happens from now on is written to ", el("strong", null, name), ", and what people change there comes back."),
    el("p", null, "For: ", named(rolloutText(integration) ?? "all customers"), "."),
    el("p", { class: "faint" }, "A webhook is made there, so that changes arrive at once. What was there before is not sent: for that there is the backfill."),
  ], "Switch on", async () => {
    try {
      answer = await app.api.post(`${path}/enable`);
    } catch (error) {
      throw advised(error);
    }
  }, { isDangerous: false });
  if (!done) return;
  toast(`${name} is on.`);
  if (answer.webhook.message) await byHand(answer.webhook);
  app.reload();
}

/** What is left to do at the CRM. The URL may have a secret in it, which is shown only now. */
const byHand = ({ message, url }) => new Promise((resolve) => {
  const dialog = openDialog("The webhook is left to you", [
    el("p", { dir: "auto" }, message), codeLine(url), note("The address may end in a secret, which is shown only now.", "warn"),
    el("div", { class: "dialog-foot" }, el("span"), el("button", { type: "button", class: "button primary", click: () => dialog.close() }, "I have noted it")),
  ], { wide: true, sticky: true, closed: resolve });
});

async function switchOff(app, path, integration) {
  const name = connectorName(integration.connector);
  const done = await confirmAct(`Switch ${name} off?`, [
    el("p", null, "At once nothing more is written to ", el("strong", null, name), ", and nothing of it is taken. Conversations here go on unaffected."),
    el("p", null, "What waits goes on waiting until it is switched on again. What customers write meanwhile is sent by a backfill; what agents do there meanwhile is found again for a day."),
  ], "Switch off", () => app.api.post(`${path}/disable`), { done: `${name} is off.` });
  if (done) app.reload();
}
