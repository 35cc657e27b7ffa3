// What opens above the page. The browser's own dialog keeps the focus inside and closes on Escape.

import { el, iconButton } from "./dom.js";
import { fileSize } from "./format.js";

/** Opens a dialog, closed by its button, by Escape, or by a click beside it. */
export function openDialog(title, content, { wide = false } = {}) {
  const dialog = el("dialog", { class: wide ? "dialog wide" : "dialog", "aria-label": title, tabindex: "-1", autofocus: true, close: () => dialog.remove() },
    el("header", null, el("h2", { dir: "auto" }, title), iconButton("close", "Close", () => dialog.close())),
    el("div", { class: "dialog-body" }, content));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Shows a picture in full. */
export function showImage(file, name) {
  openDialog(name, [
    el("img", { class: "full", src: file.url, alt: name }),
    el("p", { class: "dialog-foot" }, el("span", { class: "faint" }, fileSize(file.size)), el("a", { class: "button quiet", href: file.download_url ?? file.url, download: name, target: "_blank", rel: "noopener" }, "Download")),
  ], { wide: true });
}

/**
 * Shows an e-mail as its author designed it. The frame has no scripts, no origin, and the page's own policy: nothing
 * of it loads from elsewhere, so that no sender learns when it was read.
 */
export function showMail(message, styles) {
  const frame = el("iframe", { class: "mail", sandbox: "allow-popups allow-popups-to-escape-sandbox", title: "The e-mail as designed", referrerpolicy: "no-referrer" });
  frame.srcdoc = `<!doctype html><meta charset="utf-8"><base target="_blank"><link rel="stylesheet" href="${styles}"><body>${message.detail.html}`;
  openDialog(message.detail.subject || "E-mail", [frame, el("p", { class: "faint" }, "Pictures from other servers are not loaded.")], { wide: true });
}

const SHORTCUTS = [
  ["?", "These shortcuts"], ["/", "Search"], ["j  k", "Next, previous conversation"], ["↑  ↓", "Move in the list, or from message to message"],
  ["Enter", "Open the chosen conversation; send"], ["Shift + Enter", "New line"], ["r", "Write a reply; on a message, answer it"], ["n", "Write a private note"],
  ["c", "Copy the text of the chosen message"], ["e", "Close or reopen the conversation"], ["i", "Customer and details"], ["u  m", "Only unread, only mine"],
  ["End", "To the newest message"], ["Esc", "Close, cancel, back"],
];

/** Lists the keyboard shortcuts. */
export function showShortcuts() {
  openDialog("Keyboard shortcuts", el("dl", { class: "shortcuts" }, SHORTCUTS.map(([keys, text]) => [
    el("dt", null, keys.split("  ").map((key) => el("kbd", null, key))), el("dd", null, text),
  ])));
}
