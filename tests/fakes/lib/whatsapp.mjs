// What WhatsApp's Cloud API takes: messages, media, templates. Closed, as channels.md §2.6 and §2.9 say.

import { bareType, checksOf, isFetchable } from "./checks.mjs";
import { invalid as invalidOf, refusal as refusalOf } from "./meta.mjs";

export const invalid = (details) => invalidOf(details, "whatsapp");
const refusal = (status, code, message, details) => refusalOf(status, code, message, { details, product: "whatsapp" });
const { closed, text, bool, oneOf, list } = checksOf(invalid);

const OFFICE = "application/vnd.openxmlformats-officedocument";
const MEDIA = {
  image: { types: ["image/jpeg", "image/png"], bytes: 5 << 20 },
  video: { types: ["video/mp4", "video/3gpp"], bytes: 16 << 20 },
  audio: { types: ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"], bytes: 16 << 20 },
  document: {
    types: [
      "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel",
      "application/vnd.ms-powerpoint", `${OFFICE}.wordprocessingml.document`,
      `${OFFICE}.spreadsheetml.sheet`, `${OFFICE}.presentationml.presentation`,
    ],
    bytes: 100 << 20,
  },
  sticker: { types: ["image/webp"], bytes: 500 << 10 },
};
const STILL_STICKER_BYTES = 100 << 10;
const FIELDS = {
  text: ["body", "preview_url"],
  image: ["id", "link", "caption"],
  video: ["id", "link", "caption"],
  audio: ["id", "link", "voice"],
  document: ["id", "link", "caption", "filename"],
  sticker: ["id", "link"],
  location: ["latitude", "longitude", "name", "address"],
  reaction: ["message_id", "emoji"],
  template: ["name", "language", "components"],
};
const ENVELOPE = [
  "messaging_product", "recipient_type", "to", "recipient", "type", "context",
  "biz_opaque_callback_data",
];

/** Whether a WebP file moves: the bit of its extended header that says so. */
const isAnimated = (bytes) => bytes.subarray(12, 16).toString("latin1") === "VP8X" && (bytes[20] & 0x02) !== 0;

/** Refuses bytes that cannot be sent as this kind of message. */
function fileFits(kind, { bytes, type }) {
  const { types, bytes: most } = MEDIA[kind];
  if (!types.includes(bareType(type))) throw refusal(400, 131053, "Media upload error", `Unsupported ${kind} mime type ${type}.`);
  const limit = kind === "sticker" && !isAnimated(bytes) ? STILL_STICKER_BYTES : most;
  if (bytes.length > limit) throw refusal(400, 131053, "Media upload error", `A ${kind} has ${limit} bytes at most.`);
}

/** Refuses a file that no kind of message takes. */
export function checkUpload(file) {
  const kind = Object.keys(MEDIA).find((name) => MEDIA[name].types.includes(bareType(file.type)));
  if (!kind) {
    const known = Object.values(MEDIA).flatMap(({ types }) => types);
    throw invalid(`Param file must be a file with one of the following types: ${known.join(", ")}. Received file of type '${file.type}'.`);
  }
  fileFits(kind, file);
}

function checkMedia(kind, body, uploads) {
  if ((body.id === undefined) === (body.link === undefined)) throw invalid(`${kind}: one of id and link`);
  if (body.link !== undefined && !isFetchable(body.link)) throw invalid(`Param ${kind}.link is not a valid https URL.`);
  if (body.caption !== undefined) text(body.caption, `${kind}.caption`, 1024);
  if (body.filename !== undefined) text(body.filename, `${kind}.filename`, 240);
  bool(body.voice, `${kind}.voice`);
  if (body.id === undefined) return;
  const upload = uploads.get(body.id);
  if (!upload) throw invalid(`${kind}.id ${body.id} is not a valid whatsapp business account media attachment ID`);
  fileFits(kind, upload);
}

function checkLocation({ latitude, longitude, name, address }) {
  const within = (value, most) => typeof value === "number" && Math.abs(value) <= most;
  if (!within(latitude, 90)) throw invalid("location.latitude");
  if (!within(longitude, 180)) throw invalid("location.longitude");
  if (name !== undefined) text(name, "location.name", 1000);
  if (address !== undefined) text(address, "location.address", 1000);
}

const PARAMETERS = {
  header: ["text", "image", "video", "document", "location"],
  body: ["text", "currency", "date_time"],
  button: ["text", "payload", "coupon_code", "action"],
};

function checkParameter(parameter, kind, where, uploads) {
  closed(parameter, ["type", "parameter_name", parameter?.type], where, ["type"]);
  oneOf(parameter.type, PARAMETERS[kind], `${where}.type`);
  if (parameter.parameter_name !== undefined) text(parameter.parameter_name, `${where}.parameter_name`, 512);
  const value = parameter[parameter.type];
  if (value === undefined) throw invalid(`${where}.${parameter.type} is required`);
  if (["text", "payload", "coupon_code"].includes(parameter.type)) return text(value, `${where}.${parameter.type}`, 32_768);
  if (parameter.type in MEDIA) {
    closed(value, ["id", "link", "filename"], `${where}.${parameter.type}`);
    return checkMedia(parameter.type, value, uploads);
  }
  if (parameter.type === "currency") closed(value, ["fallback_value", "code", "amount_1000"], where, ["fallback_value", "code", "amount_1000"]);
  if (parameter.type === "date_time") closed(value, ["fallback_value"], where, ["fallback_value"]);
  if (parameter.type === "location") {
    closed(value, FIELDS.location, where);
    checkLocation(value);
  }
}

const blanks = (words) => new Set((words ?? "").match(/\{\{\s*\w+\s*\}\}/g) ?? []).size;

function checkTemplate(template, { uploads, templates }) {
  text(template.name, "template.name", 512);
  closed(template.language, ["code", "policy"], "template.language", ["code"]);
  text(template.language.code, "template.language.code", 15);
  if (template.language.policy !== undefined) oneOf(template.language.policy, ["deterministic"], "template.language.policy");
  const components = template.components ?? [];
  list(components, "template.components", 20, 0);
  const given = { header: 0, body: 0 };
  for (const [n, component] of components.entries()) {
    const where = `template.components[${n}]`;
    // Meta writes the types of its own list in capitals, and takes either.
    const kind = String(component?.type).toLowerCase();
    closed(component, kind === "button" ? ["type", "sub_type", "index", "parameters"] : ["type", "parameters"], where, ["type"]);
    oneOf(kind, Object.keys(PARAMETERS), `${where}.type`);
    if (kind === "button") {
      oneOf(component.sub_type, ["quick_reply", "url", "copy_code", "flow", "catalog"], `${where}.sub_type`);
      if (!/^\d$/.test(String(component.index))) throw invalid(`${where}.index`);
    }
    list(component.parameters, `${where}.parameters`, 50, 0);
    component.parameters.forEach((parameter, m) => checkParameter(parameter, kind, `${where}.parameters[${m}]`, uploads));
    if (kind in given) given[kind] += component.parameters.length;
  }
  const known = templates.find(({ name, language }) => name === template.name && language === template.language.code);
  if (!known) throw refusal(404, 132001, "(#132001) Template name does not exist in the translation", `template name (${template.name}) does not exist in ${template.language.code}`);
  if (known.status === "PAUSED") throw refusal(400, 132015, "(#132015) Template is paused", known.name);
  if (known.status === "DISABLED") throw refusal(400, 132016, "(#132016) Template is disabled", known.name);
  if (known.status !== "APPROVED") throw refusal(404, 132001, "(#132001) Template name does not exist in the translation", `${known.name} is ${known.status}`);
  const expected = blanks(known.components.find(({ type }) => type === "BODY")?.text);
  if (expected !== given.body) {
    throw refusal(400, 132000, "(#132000) Number of parameters does not match the expected number of params", `body: number of localizable_params (${given.body}) does not match the expected number of params (${expected})`);
  }
}

/** Refuses what is no message. */
export function checkMessage(body, account) {
  const kind = body?.type ?? "text";
  if (!Object.hasOwn(FIELDS, kind)) throw invalid(`Param type must be one of {${Object.keys(FIELDS).join(", ")}}`);
  closed(body, [...ENVELOPE, kind], "messages", ["messaging_product", kind]);
  oneOf(body.messaging_product, ["whatsapp"], "messaging_product");
  if (body.recipient_type !== undefined) oneOf(body.recipient_type, ["individual"], "recipient_type");
  if (body.to === undefined && body.recipient === undefined) throw invalid("The parameter to is required.");
  if (body.to !== undefined && !/^\+?\d{5,15}$/.test(body.to)) throw invalid("to");
  if (body.recipient !== undefined && !/^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/.test(body.recipient)) {
    throw invalid("recipient");
  }
  if (body.biz_opaque_callback_data !== undefined) text(body.biz_opaque_callback_data, "biz_opaque_callback_data", 512);
  if (body.context !== undefined) {
    closed(body.context, ["message_id"], "context");
    text(body.context.message_id, "context.message_id", 512);
  }
  closed(body[kind], FIELDS[kind], kind);
  if (kind === "text") {
    text(body.text.body, "text.body", 4096);
    bool(body.text.preview_url, "text.preview_url");
  }
  if (kind in MEDIA) checkMedia(kind, body[kind], account.uploads);
  if (kind === "location") checkLocation(body.location);
  if (kind === "reaction") {
    text(body.reaction.message_id, "reaction.message_id", 512);
    text(body.reaction.emoji, "reaction.emoji", 16, 0);
  }
  if (kind === "template") checkTemplate(body.template, account);
}

/** Refuses what is no reading mark, with or without the dots of typing. */
export function checkRead(body) {
  closed(body, ["messaging_product", "status", "message_id", "typing_indicator"], "messages", ["message_id"]);
  oneOf(body.messaging_product, ["whatsapp"], "messaging_product");
  oneOf(body.status, ["read"], "status");
  text(body.message_id, "message_id", 512);
  if (body.typing_indicator === undefined) return;
  closed(body.typing_indicator, ["type"], "typing_indicator");
  oneOf(body.typing_indicator.type, ["text"], "typing_indicator.type");
}

const template = (id, name, status, components, language = "en") => ({
  id, name, language, status, category: "UTILITY", components,
});
const BODY = (words, example) => ({ type: "BODY", text: words, ...(example && { example: { body_text: [example] } }) });

/** What a business has: approved in two languages, with and without blanks, and one of each other state. */
export const TEMPLATES = [
  template("594425479261596", "order_ready", "APPROVED", [BODY("Hi {{1}}, your order {{2}} is ready.", ["Ann", "7"])]),
  template("594425479261597", "order_ready", "APPROVED", [BODY("Dia duit {{1}}, tá ordú {{2}} réidh.", ["Ann", "7"])], "ga"),
  template("594425479261598", "hello_world", "APPROVED", [
    { type: "HEADER", format: "TEXT", text: "Hello World" }, BODY("Welcome!"), { type: "FOOTER", text: "Tieline" },
  ], "en_US"),
  template("594425479261599", "invoice", "APPROVED", [
    { type: "HEADER", format: "DOCUMENT" }, BODY("Your invoice."),
    { type: "BUTTONS", buttons: [{ type: "QUICK_REPLY", text: "Thanks" }] },
  ]),
  template("594425479261600", "spring_sale", "PENDING", [BODY("Soon")]),
  template("594425479261601", "old_news", "REJECTED", [BODY("No")]),
  template("594425479261602", "too_many", "PAUSED", [BODY("Wait")]),
];
