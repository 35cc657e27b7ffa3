// The API behind the pages: that of the settings, which is documented. A member's session is a cookie that no script reads;
// the operator proves itself by a token that the page holds.

import { refusalOf, request } from "../http.js";

const PATH = "/api/dashboard/";
const RANKS = ["viewer", "agent", "admin", "owner"];

/** Whether one who has `role` may do what `least` may. */
export const allows = (role, least) => RANKS.indexOf(role) >= RANKS.indexOf(least);

/** Why one who has `role` may not do what takes `least`, or null. */
export function reasonAgainst(role, least) {
  if (allows(role, least)) return null;
  const who = least === "owner" ? "Only owners" : least === "admin" ? "Only admins and owners" : "Agents, admins and owners";
  return `${who} may do this. You are ${/^[aeiou]/.test(role) ? "an" : "a"} ${role}.`;
}

/**
 * The calls. A path is one below /api/dashboard/, or begins with "/". `over` is called once, when nobody is signed in any more.
 * `session.csrf` goes along with everything that changes something. With a `token` calls go without the cookie.
 */
export function createApi(over, { token = null } = {}) {
  const session = { csrf: null };
  let isOver = false;

  function refused(status, body) {
    if (status === 401 && !isOver) {
      isOver = true;
      over();
    }
    return refusalOf(status, body);
  }

  function call(method, path, { headers, ...rest } = {}) {
    const csrf = method !== "GET" && session.csrf ? { "x-csrf-token": session.csrf } : {};
    const proof = token ? { authorization: `Bearer ${token}` } : csrf;
    return request(method, path.startsWith("/") ? path : PATH + path, { credentials: token ? "omit" : "same-origin", refused, ...rest, headers: { ...proof, ...headers } });
  }

  return {
    session,
    call,
    get: (path, query, more) => call("GET", path, { query, ...more }),
    // Without a body where none is given: the API refuses `null`.
    post: (path, body, more) => call("POST", path, { body, seconds: 45, ...more }),
    put: (path, body, more) => call("PUT", path, { body, seconds: 45, ...more }),
    patch: (path, body, more) => call("PATCH", path, { body, seconds: 45, ...more }),
    remove: (path, more) => call("DELETE", path, { seconds: 45, ...more }),
  };
}

/** What a call gives, or `instead` where the deployment has no such operation, or its answer does not come. */
export async function orElse(call, instead = null) {
  try {
    return await call;
  } catch (error) {
    if (error.status === 404 || error.status === 403 || error.passing) return instead;
    throw error;
  }
}
