// How Twilio calls a webhook: signed by Twilio's own library, with its timeouts and retries.

import { createHmac, randomUUID } from "node:crypto";
import { createRequire } from "node:module";

const { getExpectedBodyHash, getExpectedTwilioSignature } = createRequire(import.meta.url)("twilio/lib/webhooks/webhooks.js");
const TOTAL_MILLIS = 15_000;

/** What is signed: the URL, then each name with its values once, all sorted. */
function signedText(url, params) {
  const of = (name) => [...new Set([params[name]].flat())].sort().map((value) => name + value).join("");
  return url + Object.keys(params).sort().map(of).join("");
}

const DEFAULT_PORTS = { http: 80, https: 443 };
/** The URL with the port of its scheme written out, all else untouched. */
export const withPort = (url) =>
  url.replace(/^(https?):\/\/([^/?#:]*@)?([^/?#:]+)(?=[/?#]|$)/, (_, scheme, user = "", host) => `${scheme}://${user}${host}:${DEFAULT_PORTS[scheme]}`);

/**
 * The request of a webhook. Options: `json` (the body is JSON, its hash in the URL), `signedUrl` (what
 * is signed in place of the URL called, as behind a proxy), `port` (the default port written out in
 * it), `sharedKey` { id, secret, algorithm } in place of the token, `signature` to forge one.
 */
export function callback(url, params, { authToken, json = false, signedUrl, port = false, sharedKey, signature } = {}) {
  const body = json ? JSON.stringify(params) : new URLSearchParams(
    Object.entries(params).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))).toString();
  const hashed = (plain) => `${plain}${plain.includes("?") ? "&" : "?"}bodySHA256=${getExpectedBodyHash(body)}`;
  const [called] = url.split("#");
  const to = json ? hashed(called) : called;
  let over = signedUrl === undefined ? called : signedUrl.split("#")[0];
  if (port) over = withPort(over);
  if (json) over = hashed(over);
  const signs = json ? {} : params;
  const headers = {
    "content-type": json ? "application/json" : "application/x-www-form-urlencoded; charset=UTF-8",
    "user-agent": "TwilioProxy/1.1",
    accept: "*/*",
    "i-twilio-idempotency-token": randomUUID(),
  };
  if (sharedKey) {
    const { id, secret, algorithm = "HMAC_SHA256" } = sharedKey;
    headers["x-twilio-webhooks-signature-settings"] = `key=${id},algorithm=${algorithm}`;
    const hash = algorithm === "HMAC_SHA1" ? "sha1" : "sha256";
    headers["x-twilio-signature"] = createHmac(hash, secret).update(signedText(over, signs)).digest("base64");
  } else {
    headers["x-twilio-signature"] = getExpectedTwilioSignature(authToken, over, signs);
  }
  if (signature !== undefined) headers["x-twilio-signature"] = signature;
  return { to, headers, body };
}

/**
 * Calls it. A failure to connect is tried again `retries` times, and what `policy` names beside ("rt",
 * "5xx", "4xx"); all within 15 s, with the same bytes. Gives the answer and the attempts.
 */
export async function calling({ to, headers, body }, { retries = 0, policy = ["ct"] } = {}) {
  const attempts = [];
  const signal = AbortSignal.timeout(TOTAL_MILLIS);
  for (;;) {
    let outcome;
    try {
      const response = await fetch(to, { method: "POST", headers, body, signal, redirect: "manual" });
      const type = response.headers.get("content-type") ?? "";
      outcome = { status: response.status, type, text: await response.text() };
    } catch (error) {
      outcome = { status: 0, error: String(error.cause?.code ?? error.name) };
    }
    attempts.push(outcome);
    const why = outcome.status === 0 ? (outcome.error === "TimeoutError" ? "rt" : "ct") : `${Math.floor(outcome.status / 100)}xx`;
    if (attempts.length > retries || !policy.includes(why) || signal.aborted) return { ...outcome, attempts };
  }
}

/** What Twilio's console would warn of in an answer. */
export function warningOf({ status, type = "", text = "" }) {
  if (status === 0 || status >= 400) return 11200;
  if (text === "") return undefined;
  if (!/xml|text\/plain|text\/html/.test(type)) return 12300;
  return /xml/.test(type) && !/^\s*(<\?xml[^>]*\?>)?\s*<Response\s*(\/>|>)/.test(text) ? 12200 : undefined;
}
