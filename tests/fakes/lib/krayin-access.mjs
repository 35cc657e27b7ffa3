// Logging in to Krayin, the tokens, and the count of requests.

import { tooMany, unauthenticated } from "./krayin-errors.mjs";
import { rulesOf } from "./krayin-values.mjs";

/** Counters of fixed windows that begin with the first request, by caller. */
export function throttleOf(store, options) {
  const windows = new Map();
  function count(key, most, millis) {
    const now = store.millis();
    let window = windows.get(key);
    if (!window || window.until <= now) windows.set(key, (window = { hits: 0, until: now + millis }));
    if (window.hits >= most) throw tooMany(Math.ceil((window.until - now) / 1000), Math.floor(window.until / 1000), most);
    window.hits += 1;
    return { "x-ratelimit-limit": String(most), "x-ratelimit-remaining": String(most - window.hits) };
  }
  return {
    /** Counts a request of "user 1" or of an address; gives its headers. None where `perMinute` is null, as from Krayin 2.2 on. */
    request: (key) => (options.perMinute === null ? {} : count(key, options.perMinute, 60_000)),
    /** Deletions of persons have a limit of their own: 100 in an hour. */
    deletion: (key) => void count(`delete ${key}`, 100, 3_600_000),
    clear: (key) => (key === undefined ? windows.clear() : windows.delete(key)),
  };
}

export function accessOf({ store, shapes, random }) {
  const tokens = new Map();
  let last = 0;

  function issue(user) {
    last += 1;
    const token = `${last}|${random(48)}`;
    tokens.set(token, user.id);
    return token;
  }

  function revoke(user) {
    for (const [token, id] of tokens) if (id === user.id) tokens.delete(token);
  }

  /** Logs in; all other tokens of the user are gone. Whether the user is active does not matter. */
  function login(body) {
    const rules = rulesOf();
    for (const field of ["email", "password", "device_name"]) rules.required(body, field);
    rules.done();
    const user = store.tables.users.find(({ email, password }) => email === body.email && password === body.password);
    if (!user) rules.add("email", "The provided credentials are incorrect.");
    rules.done();
    revoke(user);
    return { data: shapes.user(user), message: "Login successful.", token: issue(user) };
  }

  return {
    login, issue, revoke,
    logout(user) {
      revoke(user);
      return { message: "Logout successful." };
    },
    /** The user of a request; no role restricts what it may do. */
    userOf({ authorization = "" }) {
      const user = store.find("users", tokens.get(/^Bearer (.+)$/i.exec(authorization)?.[1]));
      if (!user) throw unauthenticated();
      return user;
    },
  };
}
