// The fields of a CRM link, and what they say as the API takes it.

export const CHANNELS = [["messenger", "Messenger"], ["facebook", "Comments on posts"], ["whatsapp", "WhatsApp"], ["instagram", "Instagram"], ["sms", "SMS"], ["email", "Email"], ["web", "Web chat"]];
export const TYPES = [["api", "An API that is asked on a schedule"], ["webhook", "Records that your system pushes"], ["database", "A statement run in a database"], ["file", "A file"]];

const isAsked = ({ type }) => type === "api" || type === "database" || type === "file";
const isApi = ({ type }) => type === "api";
const auth = (...kinds) => (values) => isApi(values) && kinds.includes(values.auth);
const list = (label, name, value, help) => ({ name, path: name.replace("_", "."), label, kind: "area", rows: 2, value: (value ?? []).join("\n"), help });

/** The fields of a link, filled with what it has. One that is there keeps its page, URL and type. */
export function linkFields(link = {}) {
  const isNew = !link.id;
  const { auth: given = { type: "bearer" }, fields = {}, identity = {} } = link;
  const only = isNew ? {} : { shown: () => false };
  return [
    { name: "page_id", label: "Page", required: isNew, value: link.page_id, help: "The id of the Facebook page, or the address of another account that is connected, such as its phone number.", ...only },
    { name: "name", label: "Name", required: true, value: link.name, placeholder: "Customer database" },
    { name: "type", label: "Source", kind: "select", required: true, value: link.type ?? "api", options: TYPES, ...only },
    { name: "url", label: "URL", required: isNew, value: link.url, placeholder: "https://api.crm.example/customers", help: "https, at a public name. Of a database: postgres://user@host:5432/name. Of a file that you upload: file: and its name.", ...only },
    { name: "channels", label: "Used for answers on", kind: "checks", required: true, value: link.channels ?? ["messenger"], options: CHANNELS },
    { name: "auth", label: "Signs in by", kind: "select", required: true, value: given.type, options: [["bearer", "A bearer token, or nothing"], ["basic", "User name and password"], ["header", "A header"], ["query", "A query parameter"], ["oauth2", "OAuth 2"]], shown: isApi },
    { name: "auth_username", path: "auth.username", label: "User name", required: true, value: given.username, shown: auth("basic") },
    { name: "auth_name", path: "auth.name", label: "Name of the header or parameter", required: true, value: given.name, shown: auth("header", "query") },
    { name: "auth_grant", path: "auth.grant", label: "Grant", kind: "select", value: given.grant ?? "client_credentials", options: [["client_credentials", "Client credentials: by the client's secret"], ["authorization_code", "Authorization code: a person consents"]], shown: auth("oauth2") },
    { name: "auth_client_id", path: "auth.client_id", label: "Client id", required: true, value: given.client_id, shown: auth("oauth2") },
    { name: "auth_token_url", path: "auth.token_url", label: "Token URL", kind: "url", required: true, value: given.token_url, shown: auth("oauth2") },
    { name: "auth_authorize_url", path: "auth.authorize_url", label: "Authorization URL", kind: "url", required: true, value: given.authorize_url, shown: (values) => auth("oauth2")(values) && values.auth_grant === "authorization_code" },
    { name: "auth_scope", path: "auth.scope", label: "Scope", value: given.scope, shown: auth("oauth2") },
    { name: "api_key", label: "Key, password or client's secret", kind: "secret", help: isNew ? "It is sealed, and shown to nobody." : "Empty: it stays as it is.", shown: ({ type }) => type !== "file" },
    ...(isNew ? [{ name: "headers", label: "Further headers", kind: "area", rows: 2, help: "One a line, as Name: value.", shown: isApi }] : []),
    { name: "schedule_minutes", label: "Fetched every … minutes", kind: "number", min: "5", max: "10080", value: link.schedule_minutes ?? 30, shown: isAsked },
    { name: "query", label: "GraphQL document or SQL statement", kind: "area", value: link.query, shown: ({ type }) => type === "api" || type === "database" },
    { name: "records_at", label: "Path of the list of records", value: link.records_at, placeholder: "data.customers", help: "Empty: it is found." },
    { name: "key", label: "Field that names a record", value: link.key, placeholder: "id", help: "Empty: id, email, sku and others are tried." },
    { name: "next", label: "How pages go on", value: link.next, placeholder: "link_header, cursor:meta.next, page or none", help: "Empty: it is found.", shown: isApi },
    list("Only these fields", "fields_include", fields.include, "One path a line; * stands for one step. Empty: all."),
    list("Without these fields", "fields_exclude", fields.exclude),
    list("Masked fields", "fields_mask", fields.mask, "Stored as ***. Card numbers, national ids, passwords and tokens are masked anyhow."),
    list("Never masked", "fields_allow", fields.allow),
    { name: "fields_rename", path: "fields.rename", label: "Renamed fields", kind: "area", rows: 2, value: Object.entries(fields.rename ?? {}).map((pair) => pair.join(" = ")).join("\n"), help: "One a line, as path = name." },
    { name: "identity_public", path: "identity.public", label: "The records are for everybody, whatever they look like", kind: "check", value: identity.public, help: "Else a record that carries somebody's email address, phone number or id is given for that customer alone." },
    list("Fields with email addresses", "identity_email", identity.email, "Empty: usual names are found."),
    list("Fields with phone numbers", "identity_phone", identity.phone),
    { ...list("Fields with the customer's id", "identity_external_id", identity.external_id), path: "identity.external_id" },
    { name: "identity_external_system", path: "identity.external_system", label: "System of those ids", value: identity.external_system, help: "As customers have it. Without it such an id says whose a record is to nobody." },
    { name: "description", label: "Description", kind: "area", rows: 2, value: link.description },
  ];
}

const linesOf = (text) => (text ?? "").split("\n").map((line) => line.trim()).filter(Boolean);
// The first separator alone: a value may contain it.
const pairsOf = (text, separator) => Object.fromEntries(linesOf(text).map((line) => {
  const at = line.indexOf(separator);
  return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + separator.length).trim()];
}));
const filled = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false && !(typeof value === "object" && Object.keys(value).length === 0)));

/** What the fields say, as the API takes it; what is empty is left out. */
export function linkOf(values) {
  const { type = "api" } = values;
  return filled({
    page_id: values.page_id, name: values.name, type: values.type, url: values.url, channels: values.channels, description: values.description,
    auth: values.auth && filled({ type: values.auth, username: values.auth_username, name: values.auth_name, grant: values.auth_grant, client_id: values.auth_client_id, token_url: values.auth_token_url, authorize_url: values.auth_authorize_url, scope: values.auth_scope }),
    api_key: values.api_key, headers: type === "api" ? pairsOf(values.headers, ":") : null, schedule_minutes: values.schedule_minutes,
    query: values.query, records_at: values.records_at, key: values.key, next: values.next,
    fields: filled({ include: linesOf(values.fields_include), exclude: linesOf(values.fields_exclude), mask: linesOf(values.fields_mask), allow: linesOf(values.fields_allow), rename: pairsOf(values.fields_rename, "=") }),
    identity: filled({ email: linesOf(values.identity_email), phone: linesOf(values.identity_phone), external_id: linesOf(values.identity_external_id), external_system: values.identity_external_system, public: values.identity_public }),
  });
}

const CLEARED = { description: "", fields: {}, identity: {} };

/** What changed between two links of `linkOf`, for PATCH: what is gone is taken back. */
export function changesOf(before, after) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(names.map((name) => [name, after[name] ?? CLEARED[name] ?? null]));
}
