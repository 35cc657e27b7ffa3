// An authorization server and the API that it guards, on loopback: authorization codes with PKCE (RFC 6749 §4.1, RFC
// 7636) and refresh tokens that are replaced with each use, where an old one that comes again ends the consent (RFC
// 9700 §4.14.2). As strict as these say: what they leave open is refused.
//
// Run alone: node tests/fakes/oauth.mjs [--port N]

import { createHash, randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";
import { portArgument, Refusal, reply, startServer } from "./lib/server.mjs";

/** A code lives shortly, and ten minutes at the most (RFC 6749 §4.1.2). */
const CODE_MILLIS = 60_000;
/** A verifier and its challenge (RFC 7636 §4.1, §4.2). */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

const secret = () => randomBytes(24).toString("base64url");
const sha256 = (text) => createHash("sha256").update(text).digest("base64url");

/** An error of the token endpoint (RFC 6749 §5.2). */
function refused(error, description, status = 400) {
  const headers = { "cache-control": "no-store", ...(status === 401 && { "www-authenticate": 'Basic realm="oauth"' }) };
  return new Refusal(status, { error, error_description: description }, headers);
}

/** Parameters, of which none may be there twice (RFC 6749 §3.1, §3.2). */
function once(params, refuse) {
  const names = [...params.keys()];
  if (new Set(names).size < names.length) throw refuse("a parameter is there twice");
  return Object.fromEntries(params);
}

/**
 * Starts the fake. `client` has the `redirectUris` that are registered; without a `secret` it is a public one. Access
 * tokens are good for `seconds`. `records` are what the API lists; `requests` are { method, path, status, grant }.
 */
export async function startOauth({ port = 0, client, seconds = 1800, records = [], now = Date.now } = {}) {
  const oauth = {
    client: { id: "tieline", secret: secret(), redirectUris: [], scopes: ["people.read"], ...client },
    requests: [], records, denies: 0, codes: new Map(), consents: new Set(), access: new Map(), refresh: new Map(),
  };

  /** What the browser of a person is answered, who consents at once. */
  function authorize({ url }) {
    // Neither an unknown client nor another redirect URI is ever redirected to (RFC 6749 §4.1.2.1).
    const page = (what) => new Refusal(400, `<p>${what}</p>`, { "content-type": "text/html" });
    const asked = once(url.searchParams, page);
    if (asked.client_id !== oauth.client.id) throw page("unknown client");
    if (!oauth.client.redirectUris.includes(asked.redirect_uri)) throw page("this redirect URI is not registered");
    const back = (params) => {
      const target = new URL(asked.redirect_uri);
      for (const [name, value] of Object.entries({ ...params, ...(asked.state && { state: asked.state }) })) target.searchParams.append(name, value);
      return reply(302, undefined, { location: target.href, "cache-control": "no-store" });
    };
    const no = (error, error_description) => back({ error, error_description });
    if (asked.response_type !== "code") return no("unsupported_response_type", "code alone");
    if (!asked.state) return no("invalid_request", "a state is needed");
    if (asked.code_challenge_method !== "S256" || !CHALLENGE.test(asked.code_challenge ?? "")) return no("invalid_request", "PKCE is needed, by S256");
    const scopes = (asked.scope ?? "").split(" ").filter(Boolean);
    if (!scopes.length || scopes.some((scope) => !oauth.client.scopes.includes(scope))) return no("invalid_scope", "unknown scope");
    if (oauth.denies > 0) {
      oauth.denies -= 1;
      return no("access_denied", "the person said no");
    }
    const code = secret();
    oauth.codes.set(code, { redirectUri: asked.redirect_uri, challenge: asked.code_challenge, until: now() + CODE_MILLIS, consent: undefined });
    return back({ code });
  }

  /** Who asks for tokens: by Basic, each part form-encoded, or in the body, and never by both (RFC 6749 §2.3). */
  function checkClient(headers, given) {
    const { id, secret: own } = oauth.client;
    const basic = /^Basic (.+)$/i.exec(headers.authorization ?? "")?.[1];
    if (basic && given.client_secret !== undefined) throw refused("invalid_request", "two ways to prove who asks");
    const part = (text) => decodeURIComponent(text.replaceAll("+", "%20"));
    const [name, key] = basic ? Buffer.from(basic, "base64").toString().split(":").map(part) : [given.client_id, given.client_secret];
    const isGenuine = name === id && (own ? key === own : key === undefined && !basic);
    if (!isGenuine) throw refused("invalid_client", "unknown client, or not its secret", 401);
  }

  function end(consent) {
    oauth.consents.delete(consent);
    for (const tokens of [oauth.access, oauth.refresh]) for (const [token, of] of tokens) if (of.consent === consent) tokens.delete(token);
  }

  function granted(consent) {
    const [access, refresh] = [secret(), secret()];
    oauth.access.set(access, { consent, until: now() + seconds * 1000 });
    oauth.refresh.set(refresh, { consent, isUsed: false });
    return reply(200, { access_token: access, token_type: "Bearer", expires_in: seconds, refresh_token: refresh }, { "cache-control": "no-store" });
  }

  function redeemed({ code, redirect_uri: redirectUri, code_verifier: verifier }) {
    const known = oauth.codes.get(code);
    if (!known) throw refused("invalid_grant", "unknown code");
    if (known.consent) {
      // Who used it first may be a thief (RFC 6749 §4.1.2).
      end(known.consent);
      throw refused("invalid_grant", "the code was used");
    }
    if (known.until <= now()) throw refused("invalid_grant", "the code has expired");
    if (known.redirectUri !== redirectUri) throw refused("invalid_grant", "another redirect URI");
    if (!VERIFIER.test(verifier ?? "") || sha256(verifier) !== known.challenge) throw refused("invalid_grant", "not the verifier");
    known.consent = Symbol("consent");
    oauth.consents.add(known.consent);
    return granted(known.consent);
  }

  function renewed({ refresh_token: token }) {
    const known = oauth.refresh.get(token);
    if (!known || !oauth.consents.has(known.consent)) throw refused("invalid_grant", "unknown refresh token");
    if (known.isUsed) {
      end(known.consent);
      throw refused("invalid_grant", "the refresh token was used");
    }
    known.isUsed = true;
    return granted(known.consent);
  }

  function token({ method, headers, raw, url }) {
    if (method !== "POST" || url.search) throw refused("invalid_request", "by POST, in the body");
    if (headers["content-type"]?.split(";")[0] !== "application/x-www-form-urlencoded") throw refused("invalid_request", "form-encoded");
    const given = once(new URLSearchParams(raw.toString()), (what) => refused("invalid_request", what));
    oauth.requests.at(-1).grant = given.grant_type;
    checkClient(headers, given);
    if (given.grant_type === "authorization_code") return redeemed(given);
    if (given.grant_type === "refresh_token") return renewed(given);
    throw refused("unsupported_grant_type", "authorization_code and refresh_token");
  }

  function people({ headers }) {
    const [, bearer] = /^Bearer (\S+)$/.exec(headers.authorization ?? "") ?? [];
    const known = oauth.access.get(bearer);
    if (!known || known.until <= now()) throw new Refusal(401, { error: "invalid_token" }, { "www-authenticate": 'Bearer error="invalid_token"' });
    return { people: oauth.records };
  }

  function answered(request) {
    if (request.url.pathname === "/authorize" && request.method === "GET") return authorize(request);
    if (request.url.pathname === "/token") return token(request);
    if (request.url.pathname === "/people" && request.method === "GET") return people(request);
    return reply(404, { error: "nobody is at this path" });
  }

  function answer(request) {
    const told = { method: request.method, path: request.url.pathname };
    oauth.requests.push(told);
    try {
      const said = answered(request);
      told.status = said.status ?? 200;
      return said;
    } catch (error) {
      told.status = error.reply?.status;
      throw error;
    }
  }

  const server = await startServer({ port, answer });
  return Object.assign(oauth, {
    base: server.base, stop: server.stop,
    /** The next person says no. */
    deny: () => void (oauth.denies += 1),
    /** Access tokens are over at once; refresh tokens stay good. */
    expire: () => oauth.access.clear(),
    /** Every consent is taken back. */
    revoke: () => [...oauth.consents].forEach(end),
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const redirectUris = process.argv.slice(2).filter((given) => given.startsWith("http"));
  const oauth = await startOauth({ port: portArgument(), client: { redirectUris }, records: [{ id: 1, name: "Joe Bloggs", email: "joe@example.com" }] });
  console.log(`OAuth 2 at ${oauth.base}\n${JSON.stringify(oauth.client, undefined, 2)}`);
}
