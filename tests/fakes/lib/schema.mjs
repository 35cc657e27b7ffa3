// Holds JSON against the schemas of an OpenAPI document: the part of JSON Schema that ours uses.

/** What is wrong with a value, as a list of { path, rule }; empty where nothing is. */
export function wrongsOf(document, schema, value, path = "") {
  if (schema === undefined || schema === true) return [];
  if (schema.$ref) {
    const named = schema.$ref.replace("#/", "").split("/").reduce((at, name) => at[name], document);
    return [...wrongsOf(document, named, value, path), ...wrongsOf(document, without(schema, "$ref"), value, path)];
  }
  const wrongs = [];
  const say = (rule) => wrongs.push({ path, rule });
  if (schema.type && ![schema.type].flat().some((type) => isOf(type, value))) {
    say(`of type ${[schema.type].flat().join(" or ")}`);
    return wrongs;
  }
  if (schema.enum && !schema.enum.includes(value)) say(`one of ${schema.enum.join(", ")}`);
  if ("const" in schema && schema.const !== value) say(`is ${schema.const}`);
  if (typeof value === "string") {
    const { length } = [...value];
    if (length < (schema.minLength ?? 0)) say("not_empty");
    if (length > (schema.maxLength ?? Infinity)) say(`max_length_${schema.maxLength}`);
    if (schema.pattern && !new RegExp(schema.pattern, "u").test(value)) say(`pattern ${schema.pattern}`);
    if (schema.format === "date-time" && Number.isNaN(Date.parse(value))) say("a time");
  }
  if (typeof value === "number") {
    if (value < (schema.minimum ?? -Infinity)) say(`at_least_${schema.minimum}`);
    if (value > (schema.maximum ?? Infinity)) say(`at_most_${schema.maximum}`);
  }
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) say(`at_least_${schema.minItems}`);
    if (value.length > (schema.maxItems ?? Infinity)) say(`at_most_${schema.maxItems}`);
    value.forEach((item, at) => wrongs.push(...wrongsOf(document, schema.items, item, `${path}[${at}]`)));
  } else if (value !== null && typeof value === "object") {
    wrongs.push(...wrongsOfObject(document, schema, value, path));
  }
  for (const part of schema.allOf ?? []) wrongs.push(...wrongsOf(document, part, value, path));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) {
    const each = choices.map((part) => wrongsOf(document, part, value, path));
    if (!each.some((one) => one.length === 0)) wrongs.push(...each.sort((a, b) => a.length - b.length)[0]);
  }
  return wrongs;
}

function wrongsOfObject(document, { properties = {}, required = [], additionalProperties }, value, path) {
  const below = (name) => (path ? `${path}.${name}` : name);
  const wrongs = required.filter((name) => !(name in value)).map((name) => ({ path: below(name), rule: "required" }));
  for (const [name, item] of Object.entries(value)) {
    if (properties[name]) wrongs.push(...wrongsOf(document, properties[name], item, below(name)));
    else if (additionalProperties === false) wrongs.push({ path: below(name), rule: "unknown_field" });
    else if (additionalProperties) wrongs.push(...wrongsOf(document, additionalProperties, item, below(name)));
  }
  return wrongs;
}

function isOf(type, value) {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return value !== null && typeof value === "object" && !Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

const without = (object, name) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
