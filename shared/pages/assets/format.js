// How times, sizes and names are shown. Pure; the viewer's zone and language come from Intl.

const formats = new Map();

function format(options) {
  const key = JSON.stringify(options);
  let made = formats.get(key);
  // Making one costs more than a hundred uses of it.
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(undefined, options)));
  return made;
}

const DAY = 86_400_000;

/** Days between the calendar days of two times, in the viewer's zone. */
export function daysBetween(from, to) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate(), 12).getTime();
  return Math.round((midnight(to) - midnight(from)) / DAY);
}

const ahead = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** "14:05". */
export const clock = (time) => format({ hour: "numeric", minute: "2-digit" }).format(new Date(time));

/** The whole date, for titles. */
export const fullDate = (time) => format({ dateStyle: "full", timeStyle: "medium" }).format(new Date(time));

/** "21 November 2026". */
export const plainDate = (time) => format({ dateStyle: "long" }).format(new Date(time));

/** The heading of a day: Today, Yesterday, Tuesday, or its date. */
export function dayName(time, now = new Date()) {
  const date = new Date(time);
  const days = daysBetween(date, now);
  if (days === 0 || days === 1) return ahead(relative.format(-days, "day"));
  if (days > 1 && days < 7) return format({ weekday: "long" }).format(date);
  return format({ weekday: "long", day: "numeric", month: "long", ...(sameYear(date, now) ? {} : { year: "numeric" }) }).format(date);
}

/** The time of a row: as short as it can be without doubt. */
export function shortTime(time, now = new Date()) {
  const date = new Date(time);
  const days = daysBetween(date, now);
  if (days <= 0) return clock(time);
  if (days === 1) return ahead(relative.format(-1, "day"));
  if (days < 7) return format({ weekday: "short" }).format(date);
  return format(sameYear(date, now) ? { day: "numeric", month: "short" } : { day: "numeric", month: "short", year: "numeric" }).format(date);
}

const sameYear = (a, b) => a.getFullYear() === b.getFullYear();

/** "3 h 20 min", for what is left of a window. */
export function duration(millis) {
  const minutes = Math.max(1, Math.floor(millis / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest && minutes < 600 ? `${Math.floor(minutes / 60)} h ${rest} min` : `${Math.floor(minutes / 60)} h`;
}

/** "1.4 MB". */
export function fileSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  const units = ["B", "kB", "MB", "GB"];
  let at = 0;
  let size = bytes;
  while (size >= 1000 && at < units.length - 1) {
    size /= 1024;
    at += 1;
  }
  return `${size < 10 && at > 0 ? size.toFixed(1) : Math.round(size)} ${units[at]}`;
}

// Overrides and isolates: with them "gpj.exe" can be made to read "exe.jpg".
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g;

/** A name or file name without the characters that reorder what is read. */
export const plainName = (text) => String(text ?? "").replace(BIDI_CONTROLS, "").trim();

/** The customer's name, or what stands for it. */
export const customerName = (customer) => plainName(customer?.name) || "Unknown customer";

/** One or two letters for the avatar. */
export function initials(name) {
  const words = plainName(name).split(/\s+/).map((word) => word.match(/[\p{L}\p{N}]/u)?.[0] ?? "").filter(Boolean);
  if (words.length === 0) return "?";
  return (words.length === 1 ? words[0] : words[0] + words.at(-1)).toLocaleUpperCase();
}

/** One of eight colours, always the same for one id. */
export function hue(id) {
  let sum = 0;
  for (const character of String(id)) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return sum % 8;
}

// Bounded repeats: a word of 10 kB must not cost a square of its length.
const LINK = /https?:\/\/[^\s<>"]{1,2000}|www\.[^\s<>"]{3,500}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}/giu;

/** Splits a text into parts `{text, href?}`; only http, https and mailto ever become links. */
export function linkParts(text) {
  const parts = [];
  let at = 0;
  for (const match of String(text).matchAll(LINK)) {
    const shown = trimmedLink(match[0]);
    const href = safeHref(shown);
    if (!href) continue;
    if (match.index > at) parts.push({ text: text.slice(at, match.index) });
    parts.push({ text: shown, href });
    at = match.index + shown.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at) });
  return parts;
}

function trimmedLink(link) {
  let end = link.length;
  for (;;) {
    const last = link[end - 1];
    const open = link.slice(0, end).split("(").length;
    const closed = link.slice(0, end).split(")").length;
    if (/[.,;:!?'"»\]}]/.test(last) || (last === ")" && closed > open)) end -= 1;
    else return link.slice(0, end);
  }
}

/** The address of a link if its scheme is harmless, else null. */
export function safeHref(text) {
  const candidate = /^https?:\/\//i.test(text) ? text : /^www\./i.test(text) ? `https://${text}` : text.includes("@") ? `mailto:${text}` : null;
  if (!candidate) return null;
  try {
    const url = new URL(candidate);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Whether a link leads to the page's own origin, so that the policy lets it load. */
export function ownOrigin(url) {
  try {
    const { origin, protocol } = new URL(url, location.href);
    return origin === location.origin && (protocol === "http:" || protocol === "https:");
  } catch {
    return false;
  }
}

/** A value of a custom field as one text. */
export function plainValue(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return value.join(", ");
  if (typeof value === "object") {
    return Object.entries(value).map(([name, item]) => `${label(name)}: ${typeof item === "object" ? JSON.stringify(item) : item}`).join("\n");
  }
  return String(value);
}

/** "account_tier" as "Account tier". */
export const label = (name) => ahead(String(name).replace(/[_-]+/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2").trim());
