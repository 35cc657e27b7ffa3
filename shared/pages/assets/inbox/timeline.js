// What stands in a thread and in which order: merging what comes, folding reactions, grouping. Pure.

const CLIMB = ["queued", "sent", "delivered", "read"];
const GROUP_MILLIS = 5 * 60_000;

/** An empty thread. */
export const newThread = (id) => ({
  id, conversation: null, customer: null, messages: new Map(), notes: new Map(), hasMore: false, loaded: false, unreadFrom: null,
});

/** Takes in messages and notes by id; what is known already is replaced, links of files are kept. */
export function merge(thread, { messages = [], notes = [] }) {
  for (const message of messages) thread.messages.set(message.id, merged(thread.messages.get(message.id), message));
  for (const note of notes) thread.notes.set(note.id, note);
}

function merged(old, next) {
  if (!old) return next;
  const behind = CLIMB.indexOf(next.status) >= 0 && CLIMB.indexOf(next.status) < CLIMB.indexOf(old.status);
  return {
    ...next,
    // Answers may overtake each other; a status never goes back.
    status: behind ? old.status : next.status,
    // Every answer signs links afresh; taking the new ones would load each picture again.
    attachments: (next.attachments ?? []).map((file) => {
      const known = old.attachments?.find((one) => one.id === file.id && one.state === file.state && one.url);
      return known ? { ...file, url: known.url, download_url: known.download_url } : file;
    }),
  };
}

const byTime = (a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : a.id < b.id ? -1 : 1);

/** The messages, oldest first. */
export const ordered = (thread) => [...thread.messages.values()].sort(byTime);

/** The newest message of the customer, which is what "read" refers to. */
export const newestInbound = (thread) => ordered(thread).findLast((message) => message.direction === "inbound");

/** The first of the newest `count` inbound messages. */
export function firstUnread(thread, count) {
  if (!count) return null;
  const inbound = ordered(thread).filter((message) => message.direction === "inbound" && message.type !== "reaction");
  return inbound.at(-Math.min(count, inbound.length))?.id ?? null;
}

/** Reactions by the message they answer: the last word of each side counts, an empty one takes it back. */
export function reactionsOf(messages) {
  const found = new Map();
  for (const message of messages) {
    if (message.type !== "reaction" || !message.reply_to) continue;
    const sides = found.get(message.reply_to) ?? new Map();
    const emoji = message.detail?.emoji ?? message.content;
    if (emoji && !message.detail?.deleted) sides.set(message.direction, emoji);
    else sides.delete(message.direction);
    found.set(message.reply_to, sides);
  }
  return found;
}

const authorOf = (message) => (message.direction === "inbound" ? senderOf(message)?.email ?? "customer" : message.detail?.author?.id ?? "us");

/** Who wrote a mail that is not the customer's: `{email, name}`; null for every other message. */
export function senderOf(message) {
  if (message.direction !== "inbound" || message.participant !== "other") return null;
  return { email: message.detail?.from ?? null, name: message.detail?.from_name ?? null };
}

/** What is to be said above a mail: `{tone: "bad" | "warn" | "info", text}`; null where its sender is proven and the customer. */
export function senderWarning(message) {
  const from = message.detail?.from ?? "an unknown address";
  const other = message.participant === "other";
  if (message.direction !== "inbound") return null;
  if (message.sender_verified === "fail") return { tone: "bad", text: `This mail is forged or was altered: ${from} did not send it.` };
  if (message.sender_verified === "none") return { tone: "warn", text: `${other ? "Another participant. " : ""}Nobody knows whether ${from} sent this mail.` };
  return other ? { tone: "info", text: `Another participant: ${from}` } : null;
}

/** To which addresses of a mail answers could go instead of `contact`, as they do now; `own` is the customer's. */
export function answerChoices(message, contact, own) {
  if (message.direction !== "inbound" || message.channel !== "email" || !message.detail?.from) return [];
  // Nobody confirms what a forger wants.
  if (message.sender_verified === "fail") return [];
  const { from, reply_to: wanted } = message.detail;
  const known = (address) => address?.toLowerCase();
  // The customer's own address is offered where answers have left it.
  const choices = [message.participant === "other" ? from : own, wanted];
  return [...new Set(choices.filter(Boolean).map(known))].filter((address) => address !== known(contact));
}
const dayKey = (time) => new Date(time).toDateString();

/**
 * The entries of a thread, top to bottom: `{key, kind: "day" | "unread" | "message" | "note", …}`.
 * `waiting` are messages that are being sent; they come last.
 */
export function entriesOf(thread, waiting = []) {
  const messages = ordered(thread);
  const reactions = reactionsOf(messages);
  const shown = [...messages.filter((m) => !folded(m, thread)), ...[...thread.notes.values()].map((note) => ({ ...note, note: true }))];
  shown.sort(byTime);
  const entries = [];
  let day = null;
  let last = null;
  for (const item of [...shown, ...waiting]) {
    if (dayKey(item.created_at) !== day) {
      day = dayKey(item.created_at);
      entries.push({ key: `day ${day}`, kind: "day", time: item.created_at });
      last = null;
    }
    if (item.id === thread.unreadFrom) {
      entries.push({ key: "unread", kind: "unread" });
      last = null;
    }
    const entry = item.note ? { key: `note ${item.id}`, kind: "note", note: item } : messageEntry(item, thread, reactions);
    entry.first = !joins(last, entry);
    if (last && !entry.first) last.last = false;
    entry.last = true;
    entries.push(entry);
    last = entry;
  }
  return entries;
}

// A reaction to a message further up than what is loaded stands alone.
const folded = (message, thread) => message.type === "reaction" && (thread.messages.has(message.reply_to) || !(message.detail?.emoji ?? message.content));

function messageEntry(message, thread, reactions) {
  return {
    key: message.id,
    kind: "message",
    message,
    reactions: [...(reactions.get(message.id)?.values() ?? [])],
    quoted: message.reply_to && message.type !== "reaction" ? thread.messages.get(message.reply_to) ?? { id: null } : null,
  };
}

function joins(last, entry) {
  if (!last || last.kind !== "message" || entry.kind !== "message") return false;
  const [a, b] = [last.message, entry.message];
  if (a.type === "system" || b.type === "system") return false;
  return a.direction === b.direction && authorOf(a) === authorOf(b) && new Date(b.created_at) - new Date(a.created_at) < GROUP_MILLIS;
}

const KINDS = {
  image: "Photo", video: "Video", audio: "Voice message", document: "Document", sticker: "Sticker", location: "Location",
  contacts: "Contact", reaction: "Reaction", order: "Order", unsupported: "Unsupported message", template: "Template",
  story_mention: "Mentioned you in a story", story_reply: "Replied to your story", share: "Shared a post", postback: "Chose a button",
};

/** A message in one line. */
export function preview(message) {
  if (!message) return "";
  if (message.detail?.deleted) return "Deleted message";
  if (message.type === "reaction") return message.content ? `Reacted ${message.content}` : "Took back a reaction";
  if (message.content) return message.content;
  return KINDS[message.type] ?? message.attachments?.[0]?.filename ?? "Message";
}

/** The icon that stands for a type in one line, or null. */
export const previewIcon = (message) => ({
  image: "image", sticker: "image", video: "video", audio: "audio", document: "file", location: "pin", contacts: "person",
  template: "template", order: "cart",
})[message?.type] ?? null;
