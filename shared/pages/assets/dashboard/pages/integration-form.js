// Forms of settings, made of the table that the API gives: which settings there are, what each takes, what holds where
// nobody sets it. No connector is known here.

import { label } from "../../format.js";
import { ApiError } from "../../http.js";
import { rowsOf } from "./integration-rows.js";

/** The field beside a secret by which it is taken away. */
const FORGET = ":forget";

const at = (object, path) => path.split(".").reduce((value, name) => value?.[name], object);
const lastOf = (path) => path.split(".").at(-1);

/** What JSON schema a setting has in the `PUT`. */
const schemaOf = ({ schema }, path) => path.split(".").reduce((found, name) => found?.properties?.[name], schema) ?? {};
const typesOf = ({ type }) => [type ?? []].flat();

/** The settings, each with its schema; those of a group that is kept elsewhere one by one, as its schema has them. */
export function settingsOf(form) {
  return form.fields.flatMap((field) => {
    const schema = schemaOf(form, field.path);
    if (field.input !== "group") return { ...field, schema };
    return Object.entries(schema.properties ?? {}).map(([name, of]) => ({
      path: `${field.path}.${name}`, group: field.path, input: typesOf(of).includes("boolean") ? "switch" : typesOf(of).includes("string") ? "text" : "json", max_length: of.maxLength,
      default: null, secret: false, required: false, testable: false, help: of.description ?? "", schema: of,
    }));
  });
}

/** The parts of a form: what the connection itself needs, what stands alone, each group, and mappings of customers' fields. */
export function partsOf(form) {
  const all = settingsOf(form);
  const isConnection = (one) => one.testable || one.required || one.secret;
  const rest = all.filter((one) => !isConnection(one) && !one.customer_fields);
  const groups = [...new Set(rest.map((one) => one.group).filter(Boolean))];
  const helpOf = (group) => form.groups[group] ?? form.fields.find(({ path }) => path === group)?.help;
  return {
    connection: all.filter(isConnection),
    mappings: all.filter((one) => one.customer_fields),
    others: [{ title: "What it does", settings: rest.filter((one) => !one.group) }, ...groups.map((group) => ({ title: label(group), help: helpOf(group), group, settings: rest.filter((one) => one.group === group) }))].filter(({ settings }) => settings.length > 0),
  };
}

// What has a default of the deployment is one of three: that, on, off.
const isThreefold = ({ input, variable }) => variable && (input === "switch" || input === "select");
const isOwn = (setting, integration) => !setting.variable || integration.source[setting.path] === "business";
const kindOf = (setting) => {
  const { input, schema } = setting;
  if (isThreefold(setting)) return "select";
  if (input === "list") return schema.items?.enum ? "checks" : "own";
  return { text: "text", number: "number", switch: "check", select: "select", map: "own", secret: "secret", json: "area" }[input] ?? "text";
};

/** What a field of the form holds at first. */
export function heldOf(setting, integration) {
  const { input, path, secret } = setting;
  if (secret) return "";
  const value = at(integration, path);
  if (!isOwn(setting, integration)) return input === "number" ? null : "";
  if (isThreefold(setting)) return String(value);
  if (input === "json") return value === null || value === undefined ? "" : JSON.stringify(value, null, 2);
  if (input === "map") return Object.entries(value ?? {}).map(([name, to]) => ({ name, to: String(to) }));
  if (input === "list") return listOf(setting.schema.items, value ?? []);
  return value ?? (input === "number" ? null : input === "switch" ? false : "");
}

// In the order in which the form gives it back, so that only a change is one.
function listOf(items, value) {
  if (items?.enum) return items.enum.filter((one) => value.includes(one));
  return value.map((row) => Object.fromEntries(Object.keys(items?.properties ?? {}).map((name) => [name, row[name] ?? ""])));
}

const shownDefault = (value) => (value === true ? "on" : value === false ? "off" : String(value));

function helpOf(setting, integration) {
  const { help, variable, input, secret } = setting;
  if (secret) return `${help} ${secretText(at(integration, setting.path))}`;
  if (variable) return `${help} Not set, the deployment’s holds (${variable}).`;
  return ["text", "number"].includes(input) && setting.default !== null ? `${help} Empty: ${setting.default}.` : help;
}

function secretText({ set, source, last_chars } = {}) {
  if (!set) return "None is set.";
  if (source === "deployment") return "The deployment’s is used. Enter one to use another.";
  return `One is set${last_chars && last_chars !== "…" ? `; it ends in ${last_chars.replace("…", "")}` : ""}. Empty: it stays as it is.`;
}

/** The fields of these settings, as forms.js takes them. */
export function formFields(settings, integration, { disabled = false } = {}) {
  return settings.flatMap((setting) => {
    const { path, schema } = setting;
    const held = heldOf(setting, integration);
    const kind = kindOf(setting);
    const field = { name: path, label: label(lastOf(path)), kind, value: held, help: helpOf(setting, integration), disabled, min: setting.min, max: setting.max, rows: 3, required: setting.required && !at(integration, path)?.set };
    if (kind === "text" && !isOwn(setting, integration)) field.placeholder = at(integration, path) ?? "";
    if (kind === "number" && !isOwn(setting, integration)) field.placeholder = String(at(integration, path) ?? "");
    if (kind === "select") field.options = optionsOf(setting, integration);
    if (kind === "checks") field.options = schema.items.enum.map((one) => [one, label(one)]);
    if (kind === "own") field.make = () => rowsOf(columnsOf(setting), held, { name: field.label, disabled });
    if (kind === "secret" && forgettable(setting, integration)) return [field, { name: path + FORGET, label: `Forget this ${label(lastOf(path)).toLowerCase()}`, kind: "check", value: false, disabled }];
    return field;
  });
}

const forgettable = ({ path, secret }, integration) => secret && at(integration, path)?.set && (at(integration, path).source ?? "business") === "business";

function optionsOf(setting, integration) {
  const words = setting.input === "switch" ? [["true", "On"], ["false", "Off"]] : setting.options.map((one) => [one, label(one)]);
  if (!isThreefold(setting)) return words;
  const now = isOwn(setting, integration) ? "" : ` (now ${shownDefault(at(integration, setting.path))})`;
  return [["", `As the deployment says${now}`], ...words];
}

/** The columns of a setting that has rows: two of a map, of a list those that its schema names. */
function columnsOf({ input, schema, customer_fields, path }) {
  if (input === "map") return [{ name: "name", label: customer_fields ? "Our field" : "Name", options: Object.keys(customer_fields ?? {}).filter((name) => !name.endsWith("*")) }, { name: "to", label: customer_fields ? "Goes to" : label(lastOf(path)) }];
  const required = schema.items?.required ?? [];
  return Object.entries(schema.items?.properties ?? {}).map(([name, of]) => ({ name, label: label(name), help: of.description, isOptional: !required.includes(name) }));
}

const wrong = (path, message) => new ApiError(422, "invalid_request", message, [{ path, rule: "form" }]);

function sent(setting, value) {
  const { input, path, schema } = setting;
  if (isThreefold(setting)) return value === "" ? null : input === "switch" ? value === "true" : value;
  if (input === "map") {
    const names = value.map(({ name }) => name);
    const twice = names.find((name, n) => names.indexOf(name) !== n);
    if (twice !== undefined) throw wrong(path, `“${twice}” stands twice.`);
    return Object.fromEntries(value.map(({ name, to }) => [name, to]));
  }
  if (input === "list" && !schema.items?.enum) return value.map((row) => Object.fromEntries(Object.entries(row).filter(([, text]) => text !== "")));
  if (input === "json" && value !== "") {
    try {
      return JSON.parse(value);
    } catch {
      throw wrong(path, "This is no JSON.");
    }
  }
  return value === "" ? null : value;
}

/** What changed, as the API takes it: absent keeps, null clears, groups are merged. Throws what is said at a field. */
export function changesOf(settings, integration, values) {
  const changes = {};
  for (const setting of settings) {
    const { path, secret } = setting;
    const value = values[path];
    const isForgotten = secret && values[path + FORGET] && !value;
    if (!isForgotten && JSON.stringify(value) === JSON.stringify(heldOf(setting, integration))) continue;
    const names = path.split(".");
    const place = names.slice(0, -1).reduce((within, name) => (within[name] ??= {}), changes);
    place[names.at(-1)] = isForgotten ? null : sent(setting, value);
  }
  return changes;
}

/** Of what changed, what a test takes in place of what is stored. */
export function testOf(settings, integration, values) {
  const testable = settings.filter((one) => one.testable);
  return changesOf(testable, integration, values);
}
