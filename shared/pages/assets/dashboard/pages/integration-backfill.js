// Sending to a CRM what was there before it was connected; of a source, reading it.

import { el, fill, toast } from "../../dom.js";
import { fullDate } from "../../format.js";
import { formDialog } from "../forms.js";
import { button, note, progressBar, section } from "../ui.js";

/** Jobs that may wait before no more are made of older messages. */
const MOST_WAITING = 2000;

const number = (value) => value.toLocaleString();

/** How far it is, in words. */
export function progressText({ scheduled, done, failed, waiting, total, finished }) {
  const parts = [finished && "Finished", `${number(done)} of ${number(total)} done`, waiting > 0 && `${number(waiting)} wait`, scheduled < total && `${number(total - scheduled)} not scheduled yet`, failed > 0 && `${number(failed)} failed`];
  return parts.filter(Boolean).join(", ");
}

/** Whether a further call has it go on: messages are left, or what reads them has ended before the end. */
export const isLeft = ({ scheduled, total, waiting, finished }) => !finished && (scheduled < total || waiting === 0);

/**
 * The part of the page. Gives { node, draw(backfill), step(), isBusy(), isGoing() }: `step` has the next messages scheduled, where
 * somebody said so and not too many wait. `look` asks for the status.
 */
export function backfillPart(app, { path, against, status, look }) {
  const box = el("div", { class: "listing", role: "status" });
  const acts = el("div", { class: "acts" });
  const off = against ?? (status.status === "disabled" ? "The integration is off. Switch it on first." : null);
  let known = null;
  let isGoing = false;
  let drawn;

  async function ask(body) {
    const { backfill } = await app.api.post(`${path}/backfill`, body, { signal: app.signal });
    isGoing = true;
    draw(backfill);
  }
  async function step() {
    if (!isGoing || known.waiting >= MOST_WAITING) return;
    try {
      await ask({});
    } catch (error) {
      // What may pass is tried with the next look.
      if (!error.passing) go(false);
      throw error;
    }
  }
  async function begin(restart) {
    const done = await formDialog(restart ? "Begin the backfill again" : "Begin the backfill", {
      label: "Begin", fields: [{ name: "since", label: "Everything since", kind: "date", help: "Empty: from the first message on." }],
      submit: async ({ since }) => (await ask({ ...(since && { since }), ...(restart && { restart }) }), true),
    }, el("p", null, "What was there before is sent, the oldest first, within the budget; it gives way to what happens now. Customers outside the rollout are left out. What is there already is not written twice."));
    if (!done) return;
    toast("The backfill is on.");
    void look();
  }
  function go(going) {
    isGoing = going;
    draw(known);
    if (going) void look();
  }

  function draw(backfill) {
    known = backfill;
    isGoing &&= Boolean(known) && isLeft(known);
    const mark = JSON.stringify([known, isGoing]);
    if (mark === drawn) return;
    drawn = mark;
    fill(box, known ? progressBar(known.done + known.failed, known.total, progressText(known)) : el("p", { class: "faint" }, "Nothing of what was there before was sent yet."),
      known?.since && el("p", { class: "faint" }, `Everything since ${fullDate(known.since)}.`),
      isGoing && note("Keep this page open until all is scheduled. What is scheduled is done in any case."),
      known && !isGoing && isLeft(known) && note("The rest is not scheduled until somebody continues.", "warn"));
    const isFocused = acts.contains(document.activeElement);
    fill(acts, known ? [
      !isGoing && isLeft(known) && button("Continue", () => go(true), { kind: "primary", against: off }), isGoing && button("Pause", () => go(false)),
      button("Begin again…", () => begin(true), { against: off }),
    ] : button("Begin…", () => begin(false), { against: off }));
    if (isFocused) acts.querySelector("button").focus();
  }

  const node = section("Backfill", box, acts);
  return { node, draw, step, isBusy: () => Boolean(known && !known.finished), isGoing: () => isGoing };
}
