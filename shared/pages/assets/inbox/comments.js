// What can be done to a comment on a post beside answering it for all to see.

import { openDialog } from "../dialog.js";
import { el } from "../dom.js";

const CHANNEL = "facebook_comments";
/** As the server has it: a message of Messenger's. */
const MAX_REPLY = 2000;
const REPLY_DAYS = 7;

/** Whether Meta still takes a private reply to it. */
const isRecent = (message) => Date.now() - Date.parse(message.sent_at ?? message.created_at) < REPLY_DAYS * 24 * 3600 * 1000;

/** The buttons of a comment; nothing for other messages, for one that is gone, and for one that Meta has not got. */
export function commentActions(message, context) {
  const detail = message.detail ?? {};
  const isThere = message.channel === CHANNEL && !message.local && !detail.deleted && !detail.private_reply && ["received", "sent"].includes(message.status);
  if (!isThere) return null;
  const button = (label, click) => el("button", { type: "button", class: "link-button", click }, label);
  const act = (action) => () => context.comment(message, action);
  const isTheirs = message.direction === "inbound";
  return el("div", { class: "comment-actions" },
    isTheirs && !detail.private_reply_id && isRecent(message) && button("Reply privately", () => askReply((text) => context.comment(message, "private_reply", text))),
    isTheirs && button(detail.hidden ? "Show to all" : "Hide", act(detail.hidden ? "unhide" : "hide")),
    button("Delete", () => askDelete(act("delete"))));
}

/** What is remarkable about a comment, in words. */
export const commentWords = ({ detail }) => [
  detail?.hidden && "Hidden",
  detail?.private_reply && "Only the customer sees this",
  detail?.private_reply_id && "Has a private reply",
];

function askReply(send) {
  const text = el("textarea", { rows: "4", maxlength: String(MAX_REPLY), dir: "auto", "aria-label": "Private reply" });
  const form = el("form", { class: "private-reply", submit: (event) => {
    event.preventDefault();
    if (!text.value.trim()) return text.focus();
    dialog.close();
    send(text.value);
  } },
  el("p", { class: "faint" }, "A message in Messenger, which nobody else sees. There can be one for each comment."),
  text,
  el("p", { class: "dialog-foot" }, el("button", { type: "submit", class: "button primary" }, "Send privately")));
  const dialog = openDialog("Reply privately", form);
  text.focus();
}

function askDelete(run) {
  const dialog = openDialog("Delete the comment?", [
    el("p", null, "It is deleted on Facebook, for everybody and for good."),
    el("p", { class: "dialog-foot" }, el("button", { type: "button", class: "button primary", click: () => {
      dialog.close();
      run();
    } }, "Delete")),
  ]);
}
