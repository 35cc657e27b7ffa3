// One message as an element, whatever its kind.

import { commentActions, commentWords } from "./comments.js";
import { el, fill, icon, iconButton, named } from "../dom.js";
import { clock, customerName, fileSize, fullDate, initials, hue, linkParts, ownOrigin, plainName, safeHref } from "../format.js";
import { answerChoices, preview, senderOf, senderWarning } from "./timeline.js";

const LONG_TEXT = 1200;
const LONG_LINES = 25;

const STATUS = {
  sending: ["clock", "Sending"],
  queued: ["clock", "Waiting to be sent"],
  sent: ["tick", "Sent"],
  delivered: ["ticks", "Delivered"],
  read: ["ticks", "Read"],
  failed: ["alert", "Not delivered"],
  uncertain: ["unsure", "Nobody knows whether it arrived"],
};

/** The delivery status as an icon with a name. */
export function statusIcon(status) {
  const [name, label] = STATUS[status] ?? [];
  return name ? icon(name, label, `status ${status}`) : null;
}

/** The round picture of a person: letters, since no picture of others is loaded. */
export const avatar = (id, name, extra = "") => el("span", { class: `avatar hue-${hue(id)} ${extra}`.trim(), "aria-hidden": "true" }, initials(name));

/** A text of others: its links made clickable, its direction its own, folded when long. */
export function userText(text, extra = "") {
  const parts = linkParts(text).map((part) => part.href
    ? el("a", { href: part.href, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, part.text)
    : part.text);
  const box = el("div", { class: `text ${extra}`.trim(), dir: "auto" }, parts);
  if (text.length <= LONG_TEXT && text.split("\n").length <= LONG_LINES) return box;
  box.classList.add("folded");
  const more = el("button", { type: "button", class: "link-button", click: () => {
    const folded = box.classList.toggle("folded");
    more.textContent = folded ? "Show all" : "Show less";
  } }, "Show all");
  return [box, more];
}

/** What makes two renderings of an entry differ. */
export const entrySignature = (entry, context) => JSON.stringify([
  entry.message?.channel === "email" && [context.contact, context.customer?.email],
  entry.kind, entry.time ?? entry.note ?? entry.message, entry.first, entry.last, entry.reactions,
  entry.quoted && [entry.quoted.id, preview(entry.quoted)],
]);

/** The element of a message. `context`: capabilities, customer, agentName, reply, retry, edit, comment, jump, showImage, showMail. */
export function messageElement(entry, context) {
  const { message } = entry;
  if (message.type === "system") {
    return el("li", { class: "system", id: `m-${message.id}`, tabindex: "-1" }, el("span", { dir: "auto", title: fullDate(message.created_at) }, message.content || "The conversation changed"));
  }
  const inbound = message.direction === "inbound";
  const who = inbound ? inboundName(message, context) : message.detail?.author?.name ?? "You";
  const bubble = el("div", { class: "bubble", title: fullDate(message.created_at) }, quote(entry, context), body(message, context));
  const classes = ["message", inbound ? "in" : "out", message.status, entry.first && "first", entry.last && "last"].filter(Boolean);
  return el("li", { class: classes.join(" "), id: `m-${message.id}`, tabindex: "-1", "data-id": message.id, "aria-label": spoken(who, message) },
    senderNote(message),
    el("div", { class: "row" }, bubble, actions(message, context)),
    entry.reactions.length > 0 && el("div", { class: "reactions", role: "note", "aria-label": `Reactions: ${entry.reactions.join(" ")}` }, entry.reactions.map((emoji) => el("span", null, emoji))),
    meta(entry, who, inbound),
    trouble(message, context),
    commentActions(message, context),
    answerButtons(message, context));
}

/** Who wrote an inbound message: the customer, unless it is a mail of somebody else. */
function inboundName(message, context) {
  const other = senderOf(message);
  return other ? plainName(other.name) || other.email || "Another participant" : customerName(context.customer);
}

/** The banner above a mail whose sender is not proven, or is not the customer. */
function senderNote(message) {
  const warning = senderWarning(message);
  return warning && el("p", { class: `sender-note ${warning.tone}`, role: "note" }, icon(warning.tone === "info" ? "person" : "alert"), el("span", { dir: "auto" }, warning.text));
}

/** Where answers could go by what this mail says, for an agent to decide. */
function answerButtons(message, context) {
  const choices = answerChoices(message, context.contact, context.customer?.email);
  const wanted = message.direction === "inbound" && message.detail?.reply_to;
  const elsewhere = wanted && wanted !== context.contact;
  if (choices.length === 0 && !elsewhere) return null;
  return el("div", { class: "answer-choices" },
    elsewhere && el("span", { class: "faint", dir: "auto" }, `Asks for answers at ${wanted}. They go to ${context.contact ?? "nobody"}.`),
    choices.map((address) => el("button", { type: "button", class: "link-button", click: () => context.answerTo(message, address) }, `Send answers to ${address}`)));
}

const spoken = (who, message) => `${who}, ${clock(message.created_at)}: ${preview(message).slice(0, 300)}${STATUS[message.status] ? `. ${STATUS[message.status][1]}` : ""}`;

function actions(message, context) {
  if (message.local || message.detail?.deleted) return null;
  return el("div", { class: "actions" },
    context.capabilities.replies && iconButton("reply", "Reply to this message (r)", () => context.reply(message)),
    message.content && iconButton("copy", "Copy the text (c)", () => context.copy(message)));
}

function meta(entry, who, inbound) {
  const { message } = entry;
  const detail = message.detail ?? {};
  const isComment = message.channel === "facebook_comments";
  const notes = isComment ? commentWords(message).filter(Boolean) : [];
  const remarkable = notes.length > 0 || detail.edited || detail.sent_elsewhere || ["failed", "uncertain"].includes(message.status);
  if (!entry.last && !remarkable) return null;
  const segments = detail.segments > 1 ? `${detail.segments} segments` : null;
  const words = [
    !inbound && detail.author?.name && named(plainName(detail.author.name)),
    detail.sent_elsewhere && "Sent from another app",
    // Of a comment it is not how often, but when.
    detail.edited && (detail.edited > 1 && !isComment ? `Edited ${detail.edited} times` : "Edited"),
    ...notes,
    segments,
    el("time", { datetime: message.created_at, title: fullDate(message.created_at) }, clock(message.created_at)),
  ].filter(Boolean);
  return el("div", { class: "meta" }, words.flatMap((word, i) => (i ? [" · ", word] : [word])), !inbound && statusIcon(message.status));
}

function trouble(message, context) {
  if (message.status === "uncertain") {
    return el("p", { class: "trouble unsure" }, "The provider did not confirm this message. It may have arrived: ask before sending it again.");
  }
  if (message.status !== "failed") return null;
  return el("div", { class: "trouble" },
    el("span", { dir: "auto" }, message.error?.message || "The message was not delivered."),
    message.direction === "outbound" && el("button", { type: "button", class: "link-button", click: () => context.retry(message) }, "Send again"),
    message.local && el("button", { type: "button", class: "link-button", click: () => context.edit(message) }, "Edit"),
    message.local && el("button", { type: "button", class: "link-button", click: () => context.discard(message) }, "Discard"));
}

function quote(entry, context) {
  const { quoted } = entry;
  if (!quoted) return null;
  const who = quoted.id === null ? "An earlier message" : quoted.direction === "inbound" ? inboundName(quoted, context) : quoted.detail?.author?.name ?? "You";
  return el("button", { type: "button", class: "quote", tabindex: "-1", click: () => context.jump(entry.message.reply_to) },
    named(who, "quote-who"),
    quoted.id !== null && el("span", { class: "quote-text", dir: "auto" }, preview(quoted)));
}

function body(message, context) {
  const detail = message.detail ?? {};
  if (detail.deleted) return el("p", { class: "aside" }, message.channel === "facebook_comments" ? "This comment was deleted." : "This message was deleted by its author.");
  const files = (message.attachments ?? []).map((file) => attachment(file, message, context));
  const shelf = files.length > 0 && el("div", { class: "files" }, files);
  const { text, links } = words(message);
  const kind = special(message, context);
  if (!kind && !shelf && !text) return [subject(message), SPECIAL.unsupported(message, context)];
  const said = [text, el("div", { class: "links" }, links, original(message, context))];
  // A picture is named by the words under it; a letter has its files at its end.
  return [subject(message), kind, message.detail?.subject ? [said, shelf] : [shelf, said]];
}

function subject(message) {
  // The post that comments are on stands above all of them.
  const text = message.channel !== "facebook_comments" && message.detail?.subject;
  return text ? el("p", { class: "subject", dir: "auto" }, text) : null;
}

function words(message) {
  if (!message.content || ["location", "contacts", "unsupported", "reaction"].includes(message.type)) return {};
  const full = message.detail?.full_text;
  const text = el("div", null, userText(message.content));
  if (!full || full.trim() === message.content.trim()) return { text };
  const toggle = el("button", { type: "button", class: "link-button", "aria-expanded": "false", click: () => {
    const open = toggle.getAttribute("aria-expanded") === "false";
    toggle.setAttribute("aria-expanded", String(open));
    toggle.textContent = open ? "Hide quoted text" : "Show quoted text";
    fill(text, userText(open ? full : message.content));
  } }, "Show quoted text");
  return { text, links: [toggle] };
}

function original(message, context) {
  if (!message.detail?.html) return null;
  return el("button", { type: "button", class: "link-button", click: () => context.showMail(message) }, "Show as designed");
}

const caption = (name, text) => el("p", { class: "kind" }, icon(name), text);

const SPECIAL = {
  location,
  contacts: (message) => (message.detail?.contacts ?? []).filter((one) => one?.name || one?.formatted_name).map(contact),
  template: (message) => caption("template", message.detail?.template?.name ?? message.detail?.name ? `Template: ${message.detail?.template?.name ?? message.detail.name}` : "Template"),
  button: () => caption("reply", "Pressed a button"),
  postback: () => caption("reply", "Chose"),
  interactive: (message) => caption("reply", message.direction === "inbound" ? "Chose from a list" : "Choices"),
  order,
  reaction: (message) => el("p", { class: "aside" }, `Reacted ${message.detail?.emoji ?? message.content} to an earlier message`),
  story_mention: (message) => story(message, "Mentioned you in a story"),
  story_reply: (message) => story(message, "Replied to your story"),
  share: (message) => story(message, "Shared a post"),
  unsupported: (message, context) => el("p", { class: "aside" }, `This kind of message cannot be shown here. Open it in ${context.capabilities.name ?? "the app"}.`),
};

const special = (message, context) => SPECIAL[message.type]?.(message, context);

function location({ detail, content }) {
  const { latitude, longitude, name, address } = detail ?? {};
  const known = Number.isFinite(latitude) && Number.isFinite(longitude);
  const href = known && `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return el("div", { class: "box-card" }, icon("pin"), el("div", null,
    el("strong", { dir: "auto" }, name || content || "Location"),
    address && el("span", { class: "faint", dir: "auto" }, address),
    known && el("a", { href, target: "_blank", rel: "noopener noreferrer" }, "Open the map")));
}

function contact(one) {
  const name = one?.name?.formatted_name ?? one?.formatted_name ?? (typeof one?.name === "string" ? one.name : "Contact");
  const lines = [...(one?.phones ?? []).map((phone) => phone?.phone ?? phone?.wa_id ?? phone), ...(one?.emails ?? []).map((email) => email?.email ?? email)];
  return el("div", { class: "box-card" }, icon("person"), el("div", null,
    el("strong", { dir: "auto" }, plainName(name)),
    lines.filter((line) => typeof line === "string").map((line) => el("span", { class: "faint", dir: "auto" }, line))));
}

function order({ detail }) {
  const items = detail?.items ?? detail?.order?.product_items ?? detail?.product_items ?? [];
  return el("div", { class: "box-card" }, icon("cart"), el("div", null,
    el("strong", null, "Order"),
    items.slice(0, 20).map((item) => el("span", { class: "faint", dir: "auto" }, `${item.quantity ?? 1} × ${item.name ?? item.product_retailer_id ?? "item"}${item.item_price ? `, ${item.item_price} ${item.currency ?? ""}` : ""}`))));
}

function story({ detail }, text) {
  const url = detail?.story?.url ?? detail?.url ?? detail?.share?.url;
  const href = url && safeHref(url);
  return el("p", { class: "kind" }, icon("image"), text, href && [" · ", el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, "Open")]);
}

function attachment(file, message, context) {
  const name = plainName(file.filename) || "File";
  if (file.state === "pending") return el("div", { class: "file waiting" }, icon("clock"), el("span", null, "The file is on its way"));
  if (file.state === "failed") return el("div", { class: "file broken" }, icon("alert"), el("span", null, named(name, "file-name"), el("span", { class: "faint" }, plainName(file.error?.message ?? file.error) || "The file could not be fetched.")));
  const type = file.type ?? "";
  const loads = file.url && (ownOrigin(file.url) || file.url.startsWith("blob:"));
  if (loads && type.startsWith("image/")) return picture(file, name, message, context);
  if (loads && type.startsWith("video/")) return el("video", { class: "media", src: file.url, controls: true, preload: "metadata", playsinline: true, "aria-label": name });
  if (loads && type.startsWith("audio/")) return el("audio", { src: file.url, controls: true, preload: "none", "aria-label": name });
  return documentCard(file, name, type);
}

function picture(file, name, message, context) {
  const sticker = message.type === "sticker";
  const image = el("img", { src: file.url, alt: sticker ? "Sticker" : name, loading: "lazy", decoding: "async", error: () => button.replaceWith(documentCard(file, name, file.type)) });
  const button = el("button", { type: "button", class: sticker ? "picture sticker" : "picture", "aria-label": `Open ${name}`, click: () => context.showImage(file, name) }, image);
  return button;
}

function documentCard(file, name, type) {
  const ending = name.includes(".") ? name.split(".").pop().slice(0, 5).toUpperCase() : "";
  const href = file.download_url ?? file.url;
  const details = [ending || type, fileSize(file.size)].filter(Boolean).join(" · ");
  const inside = [icon("file"), el("span", null, named(name, "file-name"), el("span", { class: "faint" }, details))];
  if (!href || !(ownOrigin(href) || safeHref(href))) return el("div", { class: "file" }, inside);
  return el("a", { class: "file", href, download: name, target: "_blank", rel: "noopener", "aria-label": `Download ${name}, ${fileSize(file.size)}` }, inside, icon("download", null, "push"));
}
