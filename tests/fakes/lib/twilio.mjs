// What Twilio's Messages resource takes, and its errors, as channels.md §5.3 says.

import { isFetchable } from "./checks.mjs";
import { fetched } from "./files.mjs";
import { Refusal } from "./server.mjs";

/** An error of Twilio's API. */
export const refusal = (status, code, message, headers) =>
  new Refusal(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }, headers);

const ONCE = [
  "To", "From", "MessagingServiceSid", "Body", "StatusCallback", "ProvideFeedback", "ValidityPeriod",
  "SmartEncoded", "ShortenUrls", "SendAt", "ScheduleType", "ContentSid", "ContentVariables", "SendAsMms",
  "FallbackFrom", "RiskCheck", "ContentRetention", "AddressRetention",
];
const ALLOWED = [...ONCE, "MediaUrl"];
const BOOLEANS = ["ProvideFeedback", "SmartEncoded", "ShortenUrls", "SendAsMms"];

/** The fields of a form, closed; `MediaUrl` is a list. */
export function formOf({ headers, raw }) {
  if (!/^application\/x-www-form-urlencoded/.test(headers["content-type"] ?? "")) {
    throw refusal(415, 20015, "Unsupported Media Type");
  }
  const form = new URLSearchParams(raw.toString());
  const fields = { MediaUrl: form.getAll("MediaUrl") };
  for (const name of new Set(form.keys())) {
    if (!ALLOWED.includes(name)) throw refusal(400, 20001, `Invalid Parameter: ${name}`);
    if (name === "MediaUrl") continue;
    if (form.getAll(name).length > 1) throw refusal(400, 20001, `Invalid Parameter: ${name} is given twice`);
    fields[name] = form.get(name);
  }
  return fields;
}

/** A number of E.164, or a short code, or a sender's name. */
const isNumber = (value) => /^\+[1-9]\d{6,14}$/.test(value);
const isSender = (value) => isNumber(value) || /^\d{3,8}$/.test(value) || /^(?=.*[A-Za-z])[\w &+-]{1,11}$/.test(value);

function isCallback(value) {
  if (!isFetchable(value) && !/^http:\/\//.test(value)) return false;
  const host = URL.canParse(value) ? new URL(value).hostname : "";
  return /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(host);
}

/** Refuses what cannot be sent from this account. */
export function checkSend(fields, { numbers, messagingServiceSid, optedOut }) {
  const { To, From, MessagingServiceSid, Body, MediaUrl, StatusCallback, ValidityPeriod } = fields;
  if (!To) throw refusal(400, 21604, "A 'To' phone number is required.");
  if (!isNumber(To)) throw refusal(400, 21211, `Invalid 'To' Phone Number: ${To.slice(0, 4)}XXXX`);
  if (!From && !MessagingServiceSid) throw refusal(400, 21603, "A 'From' phone number is required.");
  if (From && !isSender(From)) throw refusal(400, 21212, `Invalid From Number (caller ID): ${From}`);
  if (From && !numbers.includes(From)) throw refusal(400, 21606, `The From phone number ${From} is not a valid, SMS-capable inbound phone number or short code for your account.`);
  if (MessagingServiceSid && MessagingServiceSid !== messagingServiceSid) throw refusal(404, 21701, `The Messaging Service '${MessagingServiceSid}' does not exist`);
  if (To === From) throw refusal(400, 21266, "'To' and 'From' number cannot be the same");
  if (!Body && MediaUrl.length === 0 && !fields.ContentSid) throw refusal(400, 21602, "Message body is required.");
  if (Body && [...Body].length > 1600) throw refusal(400, 21617, "The concatenated message body exceeds the 1600 character limit.");
  if (MediaUrl.length > 10) throw refusal(400, 21623, "Number of media files exceeds allowed limit (10)");
  for (const url of MediaUrl) if (!isFetchable(url)) throw refusal(400, 21620, `Invalid media URL(s): ${url}`);
  if (StatusCallback !== undefined && !isCallback(StatusCallback)) throw refusal(400, 21609, `The StatusCallback URL ${StatusCallback} is not a valid URL.`);
  if (ValidityPeriod !== undefined && !(/^\d+$/.test(ValidityPeriod) && ValidityPeriod >= 1 && ValidityPeriod <= 36_000)) {
    throw refusal(400, 21626, "ValidityPeriod must be between 1 and 36000");
  }
  for (const name of BOOLEANS) {
    if (fields[name] !== undefined && !["true", "false"].includes(fields[name].toLowerCase())) throw refusal(400, 20001, `Invalid Parameter: ${name}`);
  }
  if ((fields.SendAt === undefined) !== (fields.ScheduleType === undefined)) throw refusal(400, 35114, "SendAt and ScheduleType go together");
  if (fields.SendAt !== undefined && !MessagingServiceSid) throw refusal(400, 35118, "MessagingServiceSid is required to schedule a message");
  if (fields.ContentVariables !== undefined && !fields.ContentSid) throw refusal(400, 21656, "The ContentVariables parameter is invalid.");
  if (optedOut.has(To)) throw refusal(400, 21610, "Attempt to send to unsubscribed recipient");
}

/** Resized by Twilio where they are too large. */
const RESIZED = ["image/jpeg", "image/png", "image/gif"];
const TAKEN = [
  ...RESIZED, "image/bmp", "image/tiff", "audio/basic", "audio/l24", "audio/mp4", "audio/mpeg", "audio/ogg",
  "audio/vorbis", "audio/vnd.rn-realaudio", "audio/vnd.wave", "audio/3gpp", "audio/3gpp2", "audio/ac3",
  "audio/webm", "audio/amr-nb", "audio/amr", "video/mpeg", "video/mp4", "video/quicktime", "video/webm",
  "video/3gpp", "video/3gpp2", "video/h261", "video/h263", "video/h264", "text/vcard", "text/x-vcard",
  "text/csv", "text/rtf", "text/richtext", "text/calendar", "text/directory", "application/pdf",
];
const ALL_BYTES = 5 << 20;
const OTHER_BYTES = 500 << 10;

/** Fetches the files of a message, as happens after it was taken: { files } or the error it fails with. */
export async function mediaOf(urls) {
  const files = [];
  for (const url of urls) {
    const file = await fetched(url);
    if (file.problem) return { errorCode: 11200, problem: file.problem };
    if (!TAKEN.includes(file.type)) return { errorCode: 12300, problem: file.type };
    if (!RESIZED.includes(file.type) && file.bytes.length > OTHER_BYTES) return { errorCode: 30019, problem: `${file.type} of ${file.bytes.length} bytes` };
    files.push(file);
  }
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return total > ALL_BYTES ? { errorCode: 30019, problem: `${total} bytes` } : { files };
}

/** The date of a filter, `2026-11-21` or a whole time; the day's begin and end in ms. */
function dayOf(value) {
  if (!/^\d{4}-\d{2}-\d{2}(T[\d:.]+Z?)?$/.test(value)) throw refusal(400, 20001, `Invalid Parameter: DateSent ${value}`);
  const isDay = value.length === 10;
  const begin = Date.parse(isDay ? `${value}T00:00:00Z` : value.endsWith("Z") ? value : `${value}Z`);
  return [begin, begin + (isDay ? 86_400_000 : 1000)];
}

/** Those messages that a listing asks for, newest first, with the page's frame. */
export function listed(messages, url) {
  const query = url.searchParams;
  // `DateSent>=2026-11-21` is the parameter `DateSent>`.
  const allowed = ["To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"];
  for (const name of query.keys()) if (!allowed.includes(name)) throw refusal(400, 20001, `Invalid Parameter: ${name}`);
  const size = Number(query.get("PageSize") ?? 50);
  if (!Number.isInteger(size) || size < 1 || size > 1000) throw refusal(400, 20001, "Page size must be between 1 and 1000");
  const page = Number(query.get("Page") ?? 0);
  if (page > 0 && query.get("PageToken") !== `PA${page}`) throw refusal(400, 20006, "Page numbers need the PageToken of the page before");
  const [on, before, after] = ["DateSent", "DateSent<", "DateSent>"].map((name) => query.get(name) && dayOf(query.get(name)));
  const wanted = messages.filter(({ to, from, at }) =>
    (query.get("To") ?? to) === to && (query.get("From") ?? from) === from &&
    (!on || (at >= on[0] && at < on[1])) && (!before || at < before[1]) && (!after || at >= after[0])).reverse();
  const shown = wanted.slice(page * size, (page + 1) * size);
  const at = (n) => {
    const next = new URLSearchParams(query);
    next.set("PageSize", size);
    next.set("Page", n);
    if (n > 0) next.set("PageToken", `PA${n}`);
    return `${url.pathname}?${next}`;
  };
  return {
    messages: shown,
    frame: {
      page, page_size: size, start: page * size, end: page * size + Math.max(shown.length - 1, 0), uri: at(page),
      first_page_uri: at(0), previous_page_uri: page > 0 ? at(page - 1) : null,
      next_page_uri: wanted.length > (page + 1) * size ? at(page + 1) : null,
    },
  };
}
