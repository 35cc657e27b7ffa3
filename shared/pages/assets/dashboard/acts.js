// What is asked before something is done, and what is shown once after it.

import { openDialog } from "../dialog.js";
import { el, fill, toast } from "../dom.js";
import { codeLine, failure } from "./ui.js";

/**
 * Asks before an act. `text` says what it will do, and to what; `label` names the act. The dialog stays until it is done,
 * and says why where it is not. `done` is said afterwards. Gives whether it was done.
 */
export function confirmAct(title, text, label, act, { done, isDangerous = true } = {}) {
  return new Promise((resolve) => {
    let isDone = false;
    const trouble = el("div");
    const yes = el("button", { type: "button", class: `button ${isDangerous ? "danger" : "primary"}`, click: run }, label);
    const no = el("button", { type: "button", class: "button quiet", autofocus: true, click: () => dialog.close() }, "Cancel");
    const dialog = openDialog(title, [el("div", { class: "confirm-text" }, text), trouble, el("div", { class: "dialog-foot" }, no, yes)], { closed: () => resolve(isDone) });
    no.focus();
    async function run() {
      yes.disabled = true;
      fill(trouble);
      try {
        await act();
      } catch (error) {
        yes.disabled = false;
        return fill(trouble, failure(error));
      }
      isDone = true;
      dialog.close();
      if (done) toast(done);
    }
  });
}

/** Shows a secret, once: it closes by a button that says so. Resolves when it is closed. */
export function showSecret(title, text, secret, ...more) {
  return new Promise((resolve) => {
    const dialog = openDialog(title, [
      el("p", null, text), codeLine(secret), el("p", { class: "note warn" }, "It is shown only now. Store it where your other secrets are."), more,
      el("div", { class: "dialog-foot" }, el("span"), el("button", { type: "button", class: "button primary", click: () => dialog.close() }, "I have stored it")),
    ], { wide: true, sticky: true, closed: resolve });
  });
}

/** Runs an act of a button: it rests meanwhile, and what goes wrong is said. Gives what the act gives, or undefined. */
export async function busy(event, act) {
  const node = event.currentTarget;
  node.disabled = true;
  try {
    return await act();
  } catch (error) {
    toast(error.message);
    return undefined;
  } finally {
    node.disabled = false;
  }
}
