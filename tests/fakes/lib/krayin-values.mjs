// The values of attributes: their rules on the way in, and the log that every change of one writes.

import { Fault, Invalid, undefinedKey } from "./krayin-errors.mjs";
import { folded } from "./krayin-query.mjs";

const FILE = "app/packages/Webkul/Attribute/src/Repositories/AttributeValueRepository.php";
const MAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*$/;
const TAKEN = "The value has already been taken.";

const isBlank = (value) => value === null || value === undefined || (typeof value === "string" && value.trim() === "") || (Array.isArray(value) && value.length === 0);
const spaced = (name) => name.replaceAll("_", " ");
const required = (name) => `The ${spaced(name)} field is required.`;

/** Collects messages by field. */
export function rulesOf() {
  const errors = {};
  const add = (field, words) => void (errors[field] ??= []).push(words);
  return {
    add,
    /** Refuses a field that is absent or blank; says whether it is there. */
    required(body, field) {
      if (!isBlank(body[field])) return true;
      add(field, required(field));
      return false;
    },
    done() {
      if (Object.keys(errors).length > 0) throw new Invalid(errors);
    },
  };
}

/** The body of a change of many rows: their ids, and the value that all get. */
export function checkedMany(body) {
  const rules = rulesOf();
  if (rules.required(body, "indices") && !Array.isArray(body.indices)) rules.add("indices", "The indices must be an array.");
  rules.required(body, "value");
  rules.done();
  return body;
}

/** Attribute values over a store; `lookup(type, id)` names what an id points at, `dollars` writes a price. */
export function valuesOf(store, { lookup, dollars, log }) {
  const attributes = (type) => store.tables.attributes.filter(({ entity_type }) => entity_type === type);
  /** Values by "persons 214"; a person whose saving broke off has only the first of them. */
  const kept = new Map();
  const of = (type, id) => kept.get(`${type} ${id}`) ?? {};

  function isTaken(type, code, own, matches) {
    return [...kept].some(([key, values]) => key.startsWith(`${type} `) && key !== `${type} ${own}` && values[code] !== undefined && matches(values[code]));
  }

  function checkEntries(rules, type, { code, is_required, is_unique }, entries, field, own) {
    if (!Array.isArray(entries)) return;
    entries.forEach((entry, at) => {
      const value = entry?.value;
      const where = `${field}.${at}`;
      if (is_required && isBlank(value)) return rules.add(`${where}.value`, required(`${where}.value`));
      if (code === "emails" && !isBlank(value) && !MAIL.test(value)) return rules.add(`${where}.value`, `The ${where}.value must be a valid email address.`);
      const same = (others) => Array.isArray(others) && others.some((other) => other.value === value);
      if (is_unique && !isBlank(value) && isTaken(type, code, own, same)) rules.add(`${where}.value`, TAKEN);
    });
    if (is_required) entries.forEach((entry, at) => isBlank(entry?.label) && rules.add(`${field}.${at}.label`, required(`${field}.${at}.label`)));
  }

  function checkDate(rules, field, value) {
    if (value === "") return;
    const isDay = typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
    if (!isDay) rules.add(field, `The ${spaced(field)} does not match the format Y-m-d.`);
    const yesterday = new Date(store.millis() - 86_400_000).toISOString().slice(0, 10);
    if (value === null || Number.isNaN(Date.parse(value)) || String(value).slice(0, 10) <= yesterday) rules.add(field, `The ${spaced(field)} must be a date after ${yesterday}.`);
  }

  /** The rules of the keys that are there; `prefix` is "person." for the person in a lead, `own` an id to pass over. */
  function check(rules, type, body, { prefix = "", own } = {}) {
    for (const attribute of [...attributes(type)].sort((a, b) => (a.code < b.code ? -1 : 1))) {
      const { code, type: kind, is_required, is_unique } = attribute;
      if (!(code in body)) continue;
      const value = body[code];
      const field = prefix + code;
      if (kind === "date") checkDate(rules, field, value);
      else if (is_required && isBlank(value)) rules.add(field, required(field));
      else if (kind === "email" || kind === "phone") checkEntries(rules, type, attribute, value, field, own);
      else if (kind === "price" && !isBlank(value) && !/^\d*(\.\d{1,4})?$/.test(String(value))) rules.add(field, `The ${field} must be a decimal.`);
      else if (is_unique && !isBlank(value) && isTaken(type, code, own, (other) => folded(other) === folded(value))) rules.add(field, TAKEN);
    }
  }

  function labelOf({ type, lookup_type }, value) {
    if (type === "price") return dollars(value ?? 0);
    if (value === null || value === undefined) return null;
    if (type === "email" || type === "phone") {
      if (!Array.isArray(value)) throw new Fault(500, "foreach() argument must be of type array|object, string given", { file: FILE, line: 150 });
      return value.map((entry) => `${entry.value} (${entry.label})`).join(", ");
    }
    if (type === "date") {
      const [week, month, day, year] = new Date(`${value}T00:00:00Z`).toUTCString().replace(",", "").split(" ").map((word, at, words) => (at === 1 ? words[2] : at === 2 ? words[1] : word));
      return `${week} ${month} ${day}, ${year}`;
    }
    return lookup_type ? lookup(lookup_type, value) : value;
  }

  /** Keeps the values that are in `data`, one by one, each with its line in the log. */
  function save(type, id, data) {
    const values = of(type, id);
    kept.set(`${type} ${id}`, values);
    for (const attribute of attributes(type)) {
      const { code, name } = attribute;
      if (data[code] === undefined) continue;
      const old = values[code] ?? null;
      const value = data[code];
      const entries = ["email", "phone"].includes(attribute.type);
      if (value === null && old === null) continue;
      if (entries && !Array.isArray(value)) labelOf(attribute, value);
      values[code] = value;
      // The entry is kept by now: what lacks its label is found by the check of duplicates.
      if (entries && value.some((entry) => entry.label === undefined)) throw undefinedKey("label", FILE, 215);
      // PHP's loose comparison: nothing and 0 are the same.
      if (JSON.stringify(old) === JSON.stringify(value) || (old === null && value === 0)) continue;
      const side = (one) => ({ value: one, label: labelOf(attribute, one) });
      log(type, id, name, side(value), side(old));
    }
  }

  return { of, check, save, forget: (type, id) => void kept.delete(`${type} ${id}`) };
}
