// From rows of a file to records of customers. Pure.

/** Fields of a record, with the longest value and the headers by which they are guessed. */
export const FIELDS = [
  ["external_id", "The CRM's id", 255, ["id", "crmid", "customerid", "contactid"]], ["name", "Full name", 200, ["fullname", "customername", "displayname"]],
  ["first_name", "First name", 200, ["firstname", "givenname", "forename"]], ["last_name", "Last name", 200, ["lastname", "surname", "familyname"]],
  ["email", "Email", 254, ["emailaddress", "mail"]], ["phone", "Phone", 64, ["phonenumber", "mobile", "telephone", "tel"]], ["whatsapp_number", "WhatsApp number", 64, ["whatsapp"]],
  ["address", "Address", 1000, []], ["notes", "Notes", 10_000, ["note", "comment", "comments"]], ["tags", "Tags", 10_000, ["tag", "labels"]],
];
/** What a column can be besides a field. */
export const CUSTOM = "custom";
const CUSTOM_BYTES = 16 * 1024;
const BATCH_ROWS = 500;
/** Of a body of 5 MiB: a character takes up to three bytes. */
const BATCH_CHARS = 1_500_000;

/** What each column is, by its header: a field, or "" to leave it out. No field is guessed twice. */
export function guessed(header) {
  const taken = new Set();
  return header.map((text) => {
    const plain = text.toLowerCase().replace(/[^a-z]/g, "");
    const found = FIELDS.find(([name, , , others]) => !taken.has(name) && (name.replace("_", "") === plain || others.includes(plain)));
    if (found) taken.add(found[0]);
    return found?.[0] ?? "";
  });
}

/** Why a mapping cannot be used, or null. */
export function mappingProblem(mapping) {
  const fields = mapping.filter((one) => one && one !== CUSTOM);
  const twice = fields.find((one, at) => fields.indexOf(one) !== at);
  if (twice) return `Two columns are “${FIELDS.find(([name]) => name === twice)[1]}”.`;
  return fields.some((one) => ["external_id", "email", "phone", "whatsapp_number"].includes(one)) ? null : "Say which column is the CRM's id, the email, or a phone number.";
}

/** A row as a record. An empty cell changes nothing. An apostrophe that keeps a formula from running is taken off. */
export function recordOf(cells, header, mapping, system = "") {
  const record = {};
  const custom = [];
  mapping.forEach((field, at) => {
    const text = (cells[at] ?? "").trim().replace(/^'(?=[=+\-@])/, "");
    if (!field || text === "") return;
    if (field === CUSTOM) custom.push([header[at].trim() || `column ${at + 1}`, text]);
    else record[field] = field === "tags" ? text.split(/[;,|]/).map((one) => one.trim()).filter(Boolean) : text;
  });
  if (custom.length) record.custom_fields = Object.fromEntries(custom);
  if (system && record.external_id) record.external_system = system;
  return record;
}

/** Why a record would be refused, as far as that can be told without the server, or null. */
export function problemOf(record, cells, header) {
  if (cells.length > header.length) return `The row has ${cells.length} fields, the header ${header.length}.`;
  if (!["external_id", "email", "phone", "whatsapp_number"].some((name) => record[name])) return "It has no id, email or phone number.";
  for (const [name, label, most] of FIELDS) if (typeof record[name] === "string" && record[name].length > most) return `${label} is longer than ${most} characters.`;
  if (record.email && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(record.email)) return `“${record.email}” is no email address.`;
  for (const name of ["phone", "whatsapp_number"]) if (record[name] && !/^\D*(\d\D*){5,18}$/.test(record[name])) return `“${record[name]}” is no phone number.`;
  if (record.tags && (record.tags.length > 100 || record.tags.some((one) => one.length > 100))) return "It has more than 100 tags, or one of more than 100 characters.";
  if (new TextEncoder().encode(JSON.stringify(record.custom_fields ?? {})).length > CUSTOM_BYTES) return "Its custom fields are larger than 16 KiB.";
  return null;
}

/** Gathers rows into batches. `add(row)` gives a batch that is full, or null; `rest()` what is left. */
export function createBatches() {
  let [batch, chars] = [[], 0];
  const take = () => {
    const full = batch;
    [batch, chars] = [[], 0];
    return full;
  };
  return {
    add(row) {
      const more = JSON.stringify(row.record).length;
      const full = batch.length === BATCH_ROWS || (batch.length > 0 && chars + more > BATCH_CHARS) ? take() : null;
      batch.push(row);
      chars += more;
      return full;
    },
    rest: take,
  };
}

/** How long to wait before a batch is sent again, in seconds: what the server says, else longer each time. */
export const pauseOf = (retryAfter, tries) => {
  const told = Number(retryAfter);
  return retryAfter && Number.isFinite(told) && told >= 0 ? Math.min(told, 300) : Math.min(2 ** tries, 60);
};
