// The door of the fake Chatwoot's API: who may come in, where a path leads, what a body is.

import { forbidden, missing, rails, refused } from "./chatwoot.mjs";
import { bareType } from "./checks.mjs";
import { Refusal } from "./server.mjs";

/** A path's pattern with names, as "/contacts/:id". */
function patternOf(path) {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name);
  const pattern = new RegExp(`^${path.replaceAll(/:\w+/g, "([^/]+)")}(?:\\.json)?$`);
  return (given) => {
    const found = pattern.exec(given);
    return found && Object.fromEntries(names.map((name, n) => [name, decodeURIComponent(found[n + 1])]));
  };
}

/**
 * Routes of [method, path in the account, who ("any" user, "administrator", or "bot": any user and
 * bots), work].
 */
export function routerOf({ options, directory, routes, files, transaction }) {
  const table = routes.map(([method, path, role, work]) => ({ method, match: patternOf(path), role, work }));

  /** Whose token it is. Proxies drop a header's name with underscores, unless they are told not to. */
  function ownerOf(headers) {
    const token = headers["api-access-token"] ?? (options.dropsUnderscores ? undefined : headers.api_access_token);
    if (token === undefined) throw new Refusal(401, { errors: ["You need to sign in or sign up before continuing."] });
    const owner = directory.owner(token);
    if (!owner) throw refused(401, "Invalid Access Token");
    return owner;
  }

  function bodyOf({ method, headers, raw, form }) {
    if (form !== undefined) {
      if (form === null) throw rails(400, "Bad Request");
      return form;
    }
    if (["GET", "HEAD"].includes(method) || raw.length === 0) return {};
    if (bareType(headers["content-type"]) !== "application/json") return {};
    try {
      return JSON.parse(raw);
    } catch {
      throw rails(400, "Bad Request");
    }
  }

  return (request) => {
    const { method, url, headers } = request;
    for (const [pattern, work] of files) {
      const found = pattern.exec(url.pathname);
      if (found && method === "GET") return work(found[1]);
    }
    if (/^\/api\/v1\/profile(\.json)?$/.test(url.pathname) && method === "GET") {
      const owner = ownerOf(headers);
      if (owner.role === "bot") throw refused(401, "Access to this endpoint is not authorized for bots");
      return directory.profile(owner);
    }
    const [, account, path] = /^\/api\/v1\/accounts\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? [];
    if (account === undefined) throw rails(404, "Not Found");
    const user = ownerOf(headers);
    const found = table.map((route) => ({ ...route, params: route.method === method && route.match((path ?? "").replace(/\/$/, "")) })).find(({ params }) => params);
    if (!found) throw rails(404, "Not Found");
    if (user.role === "bot" && found.role !== "bot") throw refused(401, "Access to this endpoint is not authorized for bots");
    if (account === String(options.foreignAccountId)) throw refused(401, "You are not authorized to access this account");
    if (account !== String(directory.account.id)) throw missing();
    if (options.isSuspended) throw refused(401, "Account is suspended");
    if (found.role === "administrator" && user.role !== "administrator") throw forbidden();
    const body = bodyOf(request);
    return transaction(() => found.work({ ...found.params, url, body, user }));
  };
}
