// Shortcuts of single keys. They rest while one types, and while a dialog is open.

import { byId } from "../dom.js";
import { showShortcuts } from "./dialogs.js";

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

/** Listens. `app`: assigner, list, thread, composer, card, toggleClosed(), back(). */
export function listenToKeys(app) {
  const help = () => showShortcuts({ assigns: app.assigner.isOffered });
  const does = {
    "?": help,
    "/": () => byId("search").focus(),
    j: () => app.list.next(),
    k: () => app.list.previous(),
    r: () => app.composer.reply(),
    n: () => app.composer.note(),
    e: () => app.toggleClosed(),
    i: () => app.thread.current() && app.card.toggle(),
    a: () => app.assigner.open(),
    u: () => app.list.toggleUnread(),
    m: () => app.boot.agent && app.list.toggleMine(),
    End: () => app.thread.current() && app.thread.toEnd(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") return escape(event, app);
    if (typing(event.target) || !does[event.key]) return;
    event.preventDefault();
    does[event.key]();
  });
  byId("help").addEventListener("click", help);
}

// From the inside out: the quote, the drawer, the field, the conversation.
function escape(event, app) {
  if (event.isComposing) return;
  if (app.composer.cancel()) return;
  if (app.card.overlays() && app.thread.current()) return app.card.toggle(false);
  const field = typing(event.target);
  if (field?.id === "search" && field.value) {
    field.value = "";
    return field.dispatchEvent(new Event("input"));
  }
  if (field) return byId(field.closest(".thread-pane") ? "messages" : "conversations").focus();
  app.back();
}
