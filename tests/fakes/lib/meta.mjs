// What WhatsApp, Messenger and Instagram share at Meta: one host, tokens that say whose account it is,
// one shape of errors, and signed webhooks.

import { createHmac } from "node:crypto";
import { checksOf } from "./checks.mjs";
import { Refusal, startServer } from "./server.mjs";

/** An error of the Graph API. */
export function refusal(status, code, message, { subcode, details, type = "OAuthException", transient, product } = {}) {
  const data = { ...(product && { messaging_product: product }), details };
  return new Refusal(status, {
    error: {
      message, type, code, error_subcode: subcode, is_transient: transient,
      error_data: details && data, fbtrace_id: "AtraceFromTheFake",
    },
  });
}

export const invalid = (details, product) => refusal(400, 100, "(#100) Invalid parameter", { details, product });

const { json } = checksOf((words) => invalid(words));

/** The body of a request that has to be JSON. */
export function jsonOf({ headers, raw }) {
  if (!/^application\/json/.test(headers["content-type"] ?? "")) throw invalid("content-type");
  return json(raw);
}

/** Only the fields that were asked for, of those that the node has. */
export function selected(node, fields, kind) {
  if (fields === null) return node;
  const names = fields.split(",").filter((name) => name !== "");
  for (const name of names) {
    if (!(name in node)) {
      throw refusal(400, 100, `(#100) Tried accessing nonexisting field (${name}) on node type (${kind})`);
    }
  }
  return Object.fromEntries(Object.entries(node).filter(([name]) => name === "id" || names.includes(name)));
}

/**
 * Starts the host. A part is an account: `token`, `failures`, and `answer(request, segments)` with the
 * segments of the path after the version; `undefined` is what it does not know.
 */
export async function startMeta({ port = 0 } = {}) {
  const parts = [];
  const part = ({ headers }) => parts.find(({ token }) => headers.authorization === `Bearer ${token()}`);

  async function answer(request) {
    const owner = part(request);
    if (!owner) throw refusal(401, 190, "Invalid OAuth access token - Cannot parse access token");
    const [, version, path] = request.url.pathname.match(/^\/(?:v(\d+)\.0\/)?(.*)$/);
    // Versions below are past their end; a path without any is the oldest of the app's, never meant.
    if (version !== undefined && Number(version) < 21) {
      throw refusal(400, 2635, "(#2635) You are calling a deprecated version of the API.");
    }
    const said = await owner.answer(request, path.split("/"), version);
    if (said !== undefined) return said;
    throw refusal(400, 100, `Unsupported ${request.method.toLowerCase()} request. Object with ID '${path}' does not exist`, { subcode: 33 });
  }

  const server = await startServer({
    port,
    answer,
    fault: (request) => (request.method === "POST" ? part(request)?.failures.shift() : undefined),
    refuse: ({ status = 400, code, message = "failed on command", ...more }) => refusal(status, code, message, more),
  });
  return { ...server, mount: (added) => void parts.push(added) };
}

/** JSON as Meta writes and signs it: slashes and all that is not ASCII escaped. */
export function escaped(value) {
  return JSON.stringify(value)
    .replaceAll("/", "\\/")
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The headers and the body of a webhook. */
export function signed(delivery, secret) {
  const body = escaped(delivery);
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const headers = { "content-type": "application/json", "user-agent": "facebookexternalua", "x-hub-signature-256": `sha256=${signature}` };
  return { headers, body };
}

export const post = (to, { headers, body }) => fetch(to, { method: "POST", headers, body });
