// Kustomer's closed schemas: what bodies may have, at any depth, and the pointer to what they may not.

import { isFetchable } from "./checks.mjs";
import { invalid, isId } from "./kustomer.mjs";

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const under = (pointer, name) => `${pointer}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** A check from a condition. */
const must = (holds, words) => (value, pointer) => {
  if (!holds(value)) throw invalid(pointer, words);
};

/** An object with no other keys than these, and all that are required. */
export const object = (properties, required = []) => (value, pointer = "") => {
  if (!isObject(value)) throw invalid(pointer, "must be object");
  for (const [name, one] of Object.entries(value)) {
    if (!Object.hasOwn(properties, name)) throw invalid(under(pointer, name), "must NOT have additional properties");
    properties[name](one, under(pointer, name));
  }
  for (const name of required) if (value[name] === undefined) throw invalid(under(pointer, name), "is required");
};

export const list = (item, most, least = 0) => (value, pointer = "") => {
  if (!Array.isArray(value)) throw invalid(pointer, "must be array");
  if (value.length > most || value.length < least) throw invalid(pointer, `must have from ${least} to ${most} items`);
  value.forEach((one, n) => item(one, under(pointer, n)));
};

export const text = (most, least = 0) =>
  must((value) => typeof value === "string" && [...value].length >= least && [...value].length <= most, `must be a string of ${least} to ${most} characters`);
export const oneOf = (...allowed) => must((value) => allowed.includes(value), `must be one of ${allowed.join(", ")}`);
export const number = (least, most) =>
  must((value) => typeof value === "number" && value >= least && value <= most, `must be a number from ${least} to ${most}`);
export const whole = (least, most) =>
  must((value) => Number.isInteger(value) && value >= least && value <= most, `must be an integer from ${least} to ${most}`);
export const matching = (pattern, words) => must((value) => typeof value === "string" && pattern.test(value), words);
export const orNull = (check) => (value, pointer) => value === null || check(value, pointer);
const any = () => undefined;
const bool = oneOf(true, false);
const id = must(isId, "must be an ObjectId");
const free = must(isObject, "must be object");
const url = must((value) => typeof value === "string" && URL.canParse(value), "must match format uri");
const link = must(isFetchable, "must be an https URL");
const date = must(
  (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value)),
  "must match format date-time");
export const tag = matching(/^[A-Za-z0-9À-ÿ_/<>.-][A-Za-z0-9À-ÿ_/<>. -]{0,63}$/, "is no tag");

/** The first check that takes the value, or the words of the last. */
const either = (...checks) => (value, pointer) => {
  for (const [n, check] of checks.entries()) {
    try {
      return check(value, pointer);
    } catch (error) {
      if (n === checks.length - 1) throw error;
    }
  }
};

const SUFFIXES = {
  Str: text(1024), Txt: text(1024), Url: url, At: date, Tree: text(1024), Id: text(1024), Bool: bool,
  Num: must((value) => typeof value === "number", "must be number"),
};

/** Custom attributes: the end of a name gives the type. */
const custom = (value, pointer) => {
  free(value, pointer);
  if (Object.keys(value).length > 100) throw invalid(pointer, "must NOT have more than 100 properties");
  for (const [name, one] of Object.entries(value)) {
    const suffix = name.match(/.(Str|Txt|Num|Bool|At|Url|Tree|Id)$/)?.[1];
    if (!suffix) throw invalid(under(pointer, name), "has no known suffix");
    if (one !== null) SUFFIXES[suffix](one, under(pointer, name));
  }
};

const phone = matching(/^\+?[1-9]\d{1,14}$/, "must be a phone number of E.164");
const sentiment = object({ polarity: oneOf(-1, 0, 1), confidence: number(-1, 1) }, ["polarity", "confidence"]);
const contacts = {
  emails: list(object({ email: matching(/^(?=.{3,256}$)[^\s@,;<>]+@[^\s@,;<>]+$/, "must match format email"), type: oneOf("home", "work", "other"), verified: bool }, ["email"]), 10),
  phones: list(object({ phone, type: oneOf("mobile", "home", "work", "fax", "other"), verified: bool }, ["phone"]), 10),
  socials: list(object({
    type: oneOf("twitter", "facebook", "instagram", "linkedin", "pinterest"), username: text(256, 1), userid: text(256), url, verified: bool,
  }, ["type", "username"]), 10),
  externalIds: list(object({ externalId: text(256, 1), verified: bool }, ["externalId"]), 10),
};
const shared = Object.fromEntries(Object.entries(contacts).map(([name, check]) => [`shared${name[0].toUpperCase()}${name.slice(1)}`, check]));
const location = object({
  type: text(64), name: text(256), address: text(256), address2: text(256), address3: text(256), countryCode: text(2, 2), countryName: text(256),
  regionCode: text(64), regionName: text(256), cityName: text(256), zipCode: text(64), areaCode: text(64), latitude: number(-90, 90), longitude: number(-180, 180),
});

export const customer = object({
  name: text(256), company: id, externalId: orNull(text(256, 1)), username: text(256), avatarUrl: url, ...contacts, ...shared,
  whatsapps: list(object({ phone, type: oneOf("mobile"), verified: bool }, ["phone"]), 10),
  facebookIds: list(object({ pageId: text(256, 1), userId: text(256, 1), name: text(256) }, ["pageId", "userId"]), 10),
  instagramIds: list(object({ pageId: text(256, 1), threadId: text(256, 1), username: text(256, 1), instagramId: text(256) }, ["pageId", "threadId", "username"]), 10), urls: list(object({ url, type: oneOf("website", "blog", "other") }, ["url"]), 10),
  locations: list(location, 10), locale: text(16), timeZone: text(64), defaultLang: orNull(text(16)), tags: list(tag, 20), sentiment,
  gender: oneOf("m", "f"), birthdayAt: date, signedUpAt: date, lastSeenAt: date, lastActivityAt: date, lastCustomerActivityAt: date,
  createdAt: date, importedAt: date, custom, rev: whole(0, 2 ** 53),
});

const threads = {
  externalId: orNull(text(256)), name: text(256), priority: whole(1, 5), direction: oneOf("in", "out"), replyChannel: orNull(text(256)),
  tags: list(tag, 20), assignedUsers: list(id, 10), assignedTeams: list(id, 10), custom, defaultLang: orNull(text(16)),
  queue: either(object({ external: oneOf("amazon-connect") }, ["external"]), object({ id }, ["id"])), importedAt: date,
};
const begun = { ...threads, id, status: oneOf("open", "done"), createdAt: date };
export const conversation = object({ ...begun, customer: id }, ["customer"]);
export const conversationOf = object({ ...begun, campaign: id });
export const conversationMove = object({ customer: id }, ["customer"]);
export const conversationPatch = object({
  ...threads, status: oneOf("open", "snoozed", "done"), snooze: object({ status: oneOf("scheduled", "canceled", "elapsed"), time: date }, ["status"]),
  subStatus: id, satisfaction: orNull(number(-1, 1)), suggestedTags: list(tag, 20), suggestedShortcuts: list(id, 20), sentiment,
  satisfactionLevel: object({
    status: oneOf("scheduled", "offered", "rated", "commented", "canceled", "unresponded"), form: id, formResponse: id, score: oneOf(0, 1),
    rating: number(0, 10), firstAnswer: text(1024), answers: list(any, 100), channel: text(64), sentAt: date, scheduledFor: date, sentBy: id,
    sentByTeams: list(id, 10), createdAt: date, updatedAt: date,
  }),
  ended: bool, endedAt: date, endedReason: text(128), endedBy: id, endedByType: oneOf("user", "customer"), locked: bool, deleted: bool,
  rev: whole(0, 2 ** 53),
});
export const tags = list(tag, 20, 1);

const CHANNELS = ["email", "sms", "chat", "facebook", "twitter-dm", "twitter-tweet", "voice", "instagram", "whatsapp"];
const attachments = list(either(
  object({ _id: id, name: text(1024, 1), contentType: text(256, 1), contentLength: whole(0, 2 ** 40), sourceId: text(256) }, ["_id", "name", "contentType", "contentLength"]),
  id), 100);
const admins = { createdAt: date, createdBy: id, modifiedAt: date, modifiedBy: id };
const texts = {
  preview: text(10_240), subject: text(256), externalId: orNull(text(256)), sentAt: date, status: oneOf("sent", "received", "error"), auto: bool,
  error: object({ status: must((value) => ["string", "number"].includes(typeof value), "must be string or number"), code: text(256), title: text(1024), detail: text(10_240) }),
  errorAt: date, attachments, meta: free, shortcuts: list(id, 20), kbArticles: list(id, 20), size: whole(0, 2 ** 40), related: id,
  source: oneOf("bulk", "satisfaction"), location, lang: text(16), sentiment, custom,
};
const said = {
  ...texts, ...admins, id, channel: oneOf(...CHANNELS), app: text(256, 1), direction: oneOf("in", "out"), importedAt: date, queue: threads.queue,
  reference: object({ message: id, type: oneOf("reply", "replyAll", "forward") }, ["message", "type"]),
};
export const message = object(said, ["channel", "app"]);
/** An item of a bulk request, and the request: words for results are for all of them or for none. */
export const bulkMessage = object({ ...said, _clientRef: text(255, 1), customer: id, conversation: id }, ["channel", "app"]);
export const bulk = (items) => {
  list(free, 100, 1)(items);
  const references = items.map(({ _clientRef }) => _clientRef).filter((one) => one !== undefined);
  if (![0, items.length].includes(references.length)) throw invalid("/_clientRef", "must be on every item or on none");
  references.forEach((one, n) => text(255, 1)(one, `/${n}/_clientRef`));
  if (new Set(references).size !== references.length) throw invalid("/_clientRef", "must be unique");
};
export const messagePatch = object({ ...texts, ...admins });
export const note = object({
  ...admins, id, body: text(10_240, 1), userMentions: list(either(object({ user: id }, ["user"]), object({ team: id }, ["team"])), 20),
  externalId: orNull(text(256)), attachments, importedAt: date, lang: text(16),
}, ["body"]);

export const attachment = object({
  name: text(1024, 1), contentType: matching(/^[\w.+-]+\/[\w.+-]+(\s*;.*)?$/, "must be a media type"), contentLength: whole(0, 2 ** 40),
  externalUrl: must((value) => isFetchable(value) && !new URL(value).username, "must be an https URL without credentials"), renderMode: oneOf("default", "metadata_only"),
}, ["name", "contentType", "contentLength"]);

const RESOURCES = ["customer", "conversation", "message", "user", "team", "company"];
export const EVENTS = RESOURCES.flatMap((name) => [`kustomer.${name}.create`, `kustomer.${name}.update`]);
const hooks = {
  name: text(256, 1), url: (value, pointer) => text(255, 1)(value, pointer) ?? link(value, pointer), events: list(oneOf(...EVENTS), EVENTS.length, 1),
  headers: list(object({ name: matching(/^[\w-]{1,128}$/, "is no header's name"), value: matching(/^[ -~]{0,1024}$/, "is no header's value") }, ["name", "value"]), 20),
};
export const webhook = object(hooks, ["name", "url", "events"]);
export const webhookPatch = object(hooks);

const criteria = must((value) => [value].flat().every(isObject) && [value].flat().length <= 20, "must be an object or up to 20");
export const search = object({
  queryContext: oneOf("customer", "conversation", "message"), and: criteria, or: criteria, not: criteria,
  sort: list(free, 5), timeZone: text(64), includeDeleted: bool, fields: list(text(256), 20), aggs: free, searchHash: text(256),
}, ["queryContext"]);
