// What the inbox opens above itself.

import { listShortcuts, openDialog } from "../dialog.js";
import { el } from "../dom.js";
import { fileSize } from "../format.js";

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
  ["c", "Copy the text of the chosen message"], ["a", "Assign the conversation"], ["e", "Close or reopen the conversation"], ["i", "Customer and details"], ["u  m", "Only unread, only mine"],
  ["End", "To the newest message"], ["Esc", "Close, cancel, back"],
];

/** Lists the keyboard shortcuts. */
export const showShortcuts = ({ assigns }) => listShortcuts(SHORTCUTS.filter(([keys]) => assigns || keys !== "a"));
