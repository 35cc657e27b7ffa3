// Closed schemas, with the errors of whoever's schema it is.

/** The checks; `refuse(words, where)` makes the provider's error. */
export function checksOf(refuse) {
  const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

  /** An object with no other keys than these, and with all that are required. */
  function closed(object, allowed, where, required = []) {
    if (!isObject(object)) throw refuse(`${where} must be an object`, where);
    for (const name of Object.keys(object)) {
      if (!allowed.includes(name)) throw refuse(`Unexpected key "${name}" on param "${where}".`, name);
    }
    for (const name of required) {
      if (object[name] === undefined) throw refuse(`The parameter ${where}.${name} is required.`, name);
    }
  }

  /** A string of so many characters. */
  function text(value, where, most, least = 1) {
    if (typeof value !== "string" || [...value].length < least || [...value].length > most) {
      throw refuse(`Param ${where} must have ${least} to ${most} characters.`, where);
    }
  }

  function bool(value, where) {
    if (value !== undefined && typeof value !== "boolean") throw refuse(`Param ${where} must be a boolean.`, where);
  }

  function oneOf(value, allowed, where) {
    if (!allowed.includes(value)) throw refuse(`Param ${where} must be one of {${allowed.join(", ")}}.`, where);
  }

  function list(value, where, most, least = 1) {
    if (!Array.isArray(value) || value.length < least || value.length > most) {
      throw refuse(`Param ${where} must be a list of ${least} to ${most}.`, where);
    }
  }

  /** Bytes as JSON. */
  function json(raw) {
    try {
      return JSON.parse(raw);
    } catch {
      throw refuse("The body is no JSON", "body");
    }
  }

  return { closed, text, bool, oneOf, list, json };
}

/** Whether a URL is one that a provider would fetch: public https, or loopback, as the tests have it. */
export function isFetchable(value) {
  if (typeof value !== "string") return false;
  let url;
  try {
    url = new URL(value);
  } catch {
    return false;
  }
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

const isLoopback = (host) => host === "localhost" || /^127(\.\d{1,3}){3}$/.test(host) || host === "[::1]";

/** A content type without its parameters. */
export const bareType = (type) => (type ?? "").split(";")[0].trim().toLowerCase();
