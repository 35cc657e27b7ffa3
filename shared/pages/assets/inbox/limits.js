// What a channel takes: lengths, SMS segments, files. Pure.

// GSM 03.38: its basic characters take one septet, the extended ones two.
const GSM = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const GSM_EXTENDED = new Set("\f^{}\\[~]|€");
const encoder = new TextEncoder();

/** The length of a text as the channel counts it: UTF-8 bytes, or code points. */
export function lengthOf(text, unit) {
  if (unit === "bytes") return encoder.encode(text).length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** `{encoding, segments, left}` of an SMS: 160/153 septets, or 70/67 UTF-16 units once one character needs it. */
export function smsSegments(text) {
  const characters = [...text];
  const gsm = characters.every((c) => GSM.has(c) || GSM_EXTENDED.has(c));
  const [single, joined] = gsm ? [160, 153] : [70, 67];
  const weights = characters.map((c) => (gsm ? (GSM_EXTENDED.has(c) ? 2 : 1) : c.length));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const encoding = gsm ? "GSM-7" : "UCS-2";
  if (total <= single) return { encoding, segments: total ? 1 : 0, left: single - total };
  let segments = 1;
  let used = 0;
  // A character of two units never straddles two segments.
  for (const weight of weights) {
    if (used + weight > joined) {
      segments += 1;
      used = 0;
    }
    used += weight;
  }
  return { encoding, segments, left: joined - used };
}

/** The limit that holds for this text: a caption's where a file goes with it. */
export function textLimit(capabilities, withFiles) {
  return (withFiles && capabilities.caption_limit) || capabilities.text_limit || Infinity;
}

// For files whose type the system does not know; the server looks at the content all the same.
const TYPES = {
  jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", gif: "image/gif", webp: "image/webp",
  mp4: "video/mp4", "3gp": "video/3gpp", mov: "video/quicktime", mp3: "audio/mpeg", m4a: "audio/mp4",
  aac: "audio/aac", amr: "audio/amr", ogg: "audio/ogg", opus: "audio/ogg", wav: "audio/wav",
  pdf: "application/pdf", txt: "text/plain", csv: "text/csv", vcf: "text/vcard", doc: "application/msword",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xls: "application/vnd.ms-excel", xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  ppt: "application/vnd.ms-powerpoint", pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
};

/** The type of a file: what the browser says, else by its name. */
export function fileType(file) {
  const type = (file.type || "").split(";")[0].toLowerCase();
  return type || TYPES[file.name.split(".").pop().toLowerCase()] || "";
}

const covers = (pattern, type) => pattern === type || pattern === "*/*" || (pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1)));

/** Why this file cannot go, as a sentence, or null. `already`: how many are attached. */
export function fileProblem(file, capabilities, already, sizeText) {
  const most = capabilities.max_attachments ?? 10;
  if (already >= most) return most === 0 ? `${capabilities.name} takes no files.` : `No more than ${most} files in one message.`;
  const type = fileType(file);
  const rules = (capabilities.media ?? []).filter((rule) => covers(rule.type, type));
  if (rules.length === 0) return `${capabilities.name} does not take this kind of file${type ? ` (${type})` : ""}.`;
  const room = Math.max(...rules.map((rule) => rule.max_bytes ?? Infinity));
  if (file.size > room) return `Too large: ${sizeText(file.size)}, and ${capabilities.name} takes ${sizeText(room)}.`;
  return null;
}

/** The `accept` of the file chooser. */
export const acceptedTypes = (capabilities) => [...new Set((capabilities.media ?? []).map((rule) => rule.type))].join(",");
