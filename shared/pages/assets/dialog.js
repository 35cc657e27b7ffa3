// What opens above the page. The browser's own dialog keeps the focus inside and closes on Escape.

import { el, iconButton } from "./dom.js";

/**
 * Opens a dialog, closed by its button, by Escape, or by a click beside it; `closed` is called then. What is shown only
 * once is `sticky`: its own button alone closes it.
 */
export function openDialog(title, content, { wide = false, sticky = false, closed = () => {} } = {}) {
  const dialog = el("dialog", { class: wide ? "dialog wide" : "dialog", "aria-label": title, tabindex: "-1", autofocus: true },
    el("header", null, el("h2", { dir: "auto" }, title), !sticky && iconButton("close", "Close", () => dialog.close())),
    el("div", { class: "dialog-body" }, content));
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && !sticky && dialog.close());
  if (sticky) dialog.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Lists keyboard shortcuts: pairs of keys, two spaces between them, and what they do. */
export function listShortcuts(shortcuts) {
  openDialog("Keyboard shortcuts", el("dl", { class: "shortcuts" }, shortcuts.map(([keys, text]) => [
    el("dt", null, keys.split("  ").map((key) => el("kbd", null, key))), el("dd", null, text),
  ])));
}
