// Filters of the fake Chatwoot: conditions that are joined by AND and OR, over the attributes that its
// table names and over custom attributes that are defined.

import { closed, refused } from "./chatwoot.mjs";

const EQUAL = ["equal_to", "not_equal_to"];
const PRESENT = ["is_present", "is_not_present"];
const CONTAIN = ["contains", "does_not_contain"];
const DATE = ["is_greater_than", "is_less_than", "days_before"];
const ALL = [...EQUAL, ...PRESENT, ...CONTAIN, ...DATE];
const DAY = 86_400_000;

const more = (name) => (row) => row.additional_attributes[name] ?? null;
const own = (name) => (row) => row[name] ?? null;

const CONTACTS = {
  name: [own("name"), [...EQUAL, ...CONTAIN]], phone_number: [own("phone_number"), [...EQUAL, ...CONTAIN, "starts_with"]], email: [own("email"), [...EQUAL, ...CONTAIN]],
  identifier: [own("identifier"), EQUAL], country_code: [more("country_code"), EQUAL], city: [more("city"), [...EQUAL, ...CONTAIN]], company: [more("company"), [...EQUAL, ...CONTAIN]],
  labels: [own("label_list"), [...EQUAL, ...PRESENT]], created_at: [own("created_at"), DATE], last_activity_at: [own("last_activity_at"), DATE], blocked: [own("blocked"), EQUAL],
};
const CONVERSATIONS = {
  status: [own("status"), EQUAL], assignee_id: [own("assignee_id"), [...EQUAL, ...PRESENT]], inbox_id: [own("inbox_id"), [...EQUAL, ...PRESENT]], team_id: [own("team_id"), [...EQUAL, ...PRESENT]],
  priority: [own("priority"), EQUAL], display_id: [own("id"), [...EQUAL, ...CONTAIN]], campaign_id: [own("campaign_id"), [...EQUAL, ...PRESENT]], labels: [own("label_list"), [...EQUAL, ...PRESENT]], country_code: [more("country_code"), EQUAL],
  browser_language: [more("browser_language"), EQUAL], conversation_language: [more("conversation_language"), EQUAL], referer: [more("referer"), [...EQUAL, ...CONTAIN]],
  mail_subject: [more("mail_subject"), [...EQUAL, ...CONTAIN]], created_at: [own("created_at"), DATE], last_activity_at: [own("last_activity_at"), DATE],
};
const TABLES = { contact_attribute: CONTACTS, conversation_attribute: CONVERSATIONS };

const folded = (value) => String(value).toLowerCase();
/** A time is compared with a date's midnight: of what is given, its hours count for nothing. */
const midnight = (value, key) => {
  const at = Date.parse(`${String(value).slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(at)) throw refused(422, `Invalid value. The values provided for ${key} are invalid`);
  return at;
};

function holds(operator, value, values, { key, now }) {
  const has = (wanted) => (Array.isArray(value) ? value.some((one) => folded(one) === folded(wanted)) : value !== null && folded(value) === folded(wanted));
  const contains = (wanted) => value !== null && folded(value).includes(folded(wanted).trim());
  const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
  switch (operator) {
    case "equal_to": return (key === "status" && values.includes("all")) || values.some(has);
    case "not_equal_to": return !values.some(has);
    case "contains": return values.some(contains);
    // In SQL, what is null is neither like nor unlike anything.
    case "does_not_contain": return value !== null && !values.some(contains);
    case "starts_with": return value !== null && folded(value).startsWith(folded(values[0]));
    case "is_present": return !isEmpty;
    case "is_not_present": return isEmpty;
    case "is_greater_than": return value !== null && (typeof value === "number" && !/_at$/.test(key) ? value > Number(values[0]) : value > midnight(values[0], key));
    case "is_less_than": return value !== null && (typeof value === "number" && !/_at$/.test(key) ? value < Number(values[0]) : value < midnight(values[0], key));
    default: return value !== null && value < midnight(new Date(now - Number(values[0]) * DAY).toISOString(), key);
  }
}

/** What a body's `payload` lets through, of rows of a `model` ("contact_attribute", "conversation_attribute"). */
export function filterOf(body, model, definitions, now) {
  closed(body, ["payload"], "filter", ["payload"]);
  if (!Array.isArray(body.payload) || body.payload.length === 0) throw refused(422, "Param payload must be a list of conditions");
  const table = TABLES[model];
  const conditions = body.payload.map((given, n) => {
    closed(given, ["attribute_key", "filter_operator", "values", "query_operator", "attribute_model", "custom_attribute_type"], "payload", ["attribute_key", "filter_operator"]);
    const { attribute_key: key, filter_operator: operator, values = [], query_operator: joined } = given;
    const isCustom = definitions.some((one) => one.attribute_key === key && one.attribute_model === model);
    const [read, operators] = table[key] ?? (isCustom ? [(row) => row.custom_attributes[key] ?? null, ALL] : []);
    if (!read) throw refused(422, `Invalid attribute key - [${key}]. The key should be one of [${Object.keys(table)}] or a custom attribute defined in the account.`);
    if (!operators.includes(operator)) throw refused(422, `Invalid operator. The allowed operators for ${key} are [${operators}].`);
    if (!Array.isArray(values) || (values.length === 0 && !PRESENT.includes(operator))) throw refused(422, `Invalid value. The values provided for ${key} are invalid`);
    const isLast = n === body.payload.length - 1;
    if (isLast ? joined !== undefined && joined !== null : !/^(and|or)$/i.test(joined ?? "")) throw refused(422, 'Query operator must be either "AND" or "OR".');
    // A contact is compared with the first value alone, and a phone number with a plus before it.
    const first = model === "contact_attribute" && key !== "labels" ? values.slice(0, 1) : values;
    const wanted = model === "contact_attribute" && key === "phone_number" ? first.map((value) => `+${String(value).replaceAll("+", "")}`) : first;
    if (DATE.slice(0, 2).includes(operator) && /_at$/.test(key)) midnight(wanted[0], key);
    return { test: (row) => holds(operator, read(row), wanted, { key, now }), isOr: /^or$/i.test(joined ?? "") };
  });
  // AND binds closer than OR.
  const groups = conditions.reduce((all, one, n) => {
    if (n === 0 || conditions[n - 1].isOr) all.push([]);
    all.at(-1).push(one);
    return all;
  }, []);
  return (row) => groups.some((group) => group.every(({ test }) => test(row)));
}
