// What pages are built of.

import { announce, el, fill, icon, named, toast } from "../dom.js";
import { fullDate, shortTime } from "../format.js";
import { ApiError } from "../http.js";

/** The heading of a page, a sentence that says what it is for, and what can be done. */
export const pageHead = (title, text, ...acts) => el("header", { class: "page-head" },
  el("div", null, el("h1", null, named(title)), text && el("p", { class: "faint" }, text)), acts.length > 0 && el("div", { class: "acts" }, acts));

/** A part of a page. */
export const section = (title, ...content) => el("section", { class: "panel", "aria-label": title }, title && el("h2", null, title), content);

/** The same; its heading leads to what it is about. */
export const linkedSection = (title, href, ...content) => el("section", { class: "panel", "aria-label": title }, el("h2", null, el("a", { href }, named(title))), content);

/** A button. `against`: why it is disabled, or null; screen readers and the pointer get told. */
export function button(label, click, { kind = "quiet", against = null, glyph } = {}) {
  const node = el("button", { type: "button", class: `button ${kind}`, "aria-disabled": against ? "true" : null, title: against },
    glyph && icon(glyph), el("span", null, label), against && el("span", { class: "unseen" }, ` (${against})`));
  // Left focusable, so that everyone can find out why.
  node.addEventListener("click", (event) => (against ? toast(against) : click(event)));
  return node;
}

/** A link that looks like a button. */
export const linkButton = (label, href, kind = "quiet") => el("a", { class: `button ${kind}`, href }, label);

/** What went wrong, with a button that tries again. */
export function failure(error, again) {
  const isOurs = error instanceof ApiError;
  if (!isOurs) console.error(error);
  return el("div", { class: "failure", role: "alert" }, icon("alert"),
    el("p", null, isOurs ? error.message : "This page did not work. Reload it; if that does not help, tell us what you did."),
    again && button("Try again", again));
}

/** Nothing to list: what to do. */
export const empty = (title, text, ...acts) => el("div", { class: "empty-state" }, el("p", { class: "empty-title" }, title), el("p", null, text), acts.length > 0 && el("div", { class: "acts" }, acts));

/** A time, short; the whole of it in its title. `none`: what stands where there is none. */
export const when = (time, none = "never") => (time ? el("time", { datetime: time, title: fullDate(time) }, shortTime(time)) : el("span", { class: "faint" }, none));

/** A state in words with a light: `good`, `warn`, `bad` or `off`. */
export const light = (kind, text) => el("span", { class: `light ${kind}` }, el("i", { "aria-hidden": "true" }), text);

/** How far something is; `text` says it in words. Without `max` it is not known. */
export function progressBar(value, max, text) {
  return el("div", { class: "progress" }, el("progress", { "aria-label": text, ...(max ? { value: String(value), max: String(max) } : {}) }), el("span", { class: "faint" }, text));
}

/** Copies a text and says so. */
export function copyButton(text, label = "Copy") {
  const words = el("span", null, label);
  const node = el("button", { type: "button", class: "button quiet copy", click: copy }, icon("copy"), words);
  let timer = 0;
  async function copy() {
    const isCopied = await navigator.clipboard.writeText(typeof text === "function" ? text() : text).then(() => true, () => false);
    words.textContent = isCopied ? "Copied" : "Select and copy it yourself";
    announce(words.textContent);
    clearTimeout(timer);
    timer = setTimeout(() => (words.textContent = label), 2500);
  }
  return node;
}

/** A text to be copied as it stands: a command, an address, JSON. Never folded, so that it is not read wrongly. */
export const codeBlock = (text, label = "Code") => el("div", { class: "code" }, el("pre", { tabindex: "0", dir: "ltr", "aria-label": label }, el("code", null, text)), copyButton(text));

/** A short text to be copied, in a line. */
export const codeLine = (text) => el("span", { class: "code-line" }, el("code", { dir: "ltr" }, text), copyButton(text));

/** Names and what they are; a value that is null is left out. */
export const facts = (rows) => el("dl", { class: "facts" }, rows.filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => [el("dt", null, name), el("dd", null, value)]));

/** Links between the views of a page. */
export const tabs = (label, rows) => el("nav", { class: "tabs", "aria-label": label }, rows.map(([text, href, isHere]) => el("a", { href, "aria-current": isHere ? "page" : null }, text)));

/** A list of short words. */
export const chips = (texts) => el("span", { class: "chips" }, texts.map((text) => el("span", { class: "chip" }, text)));

/** A sentence in which code stands between backticks. */
export const prose = (text) => String(text).split("`").map((part, at) => (at % 2 ? el("code", null, part) : part));

/** A note in the page: `warn`, `bad`, or plain. */
export const note = (text, kind = "") => el("p", { class: `note ${kind}`.trim() }, text);

/** A part that loads by itself; the page does not wait for it, and stands where it fails. */
export function later(load, { loading = "Loading…" } = {}) {
  const box = el("div", { class: "later", "aria-busy": "true" }, el("p", { class: "faint" }, loading));
  async function run() {
    try {
      fill(box, await load());
    } catch (error) {
      if (error.name !== "AbortError") fill(box, failure(error, run));
    }
    box.setAttribute("aria-busy", "false");
  }
  void run();
  return box;
}
