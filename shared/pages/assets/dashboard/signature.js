// Whether a webhook's signature is right, by WebCrypto (docs/webhooks.md, Verify the signature). No secret leaves the page.

const encoder = new TextEncoder();
/** Seconds that a receiver lets a timestamp differ from its clock. */
export const TOLERANCE = 300;

async function hmac(key, text) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
}

const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const base64Of = (bytes) => btoa(String.fromCharCode(...bytes));

function bytesOf(base64) {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The signature in `X-Webhook-Signature`: hexadecimal, keyed by the whole secret as text. */
export const plainSignature = async ({ secret, timestamp, body }) => hexOf(await hmac(encoder.encode(secret), `${timestamp}.${body}`));

/** That in `webhook-signature`, or null where the secret is no base64. */
export async function standardSignature({ secret, id, timestamp, body }) {
  const key = bytesOf(secret.replace(/^whsec_/, ""));
  return key?.length ? `v1,${base64Of(await hmac(key, `${id}.${timestamp}.${body}`))}` : null;
}

/**
 * What is to be said of a delivery: { ok, text }. `signature` is the value of either header; `now` in milliseconds.
 */
export async function verified(given, now = Date.now()) {
  const secret = given.secret.trim();
  const signature = given.signature.trim();
  const timestamp = given.timestamp.trim();
  const isStandard = signature.startsWith("v1,");
  const expected = (body) => {
    const one = { secret, id: given.id.trim(), timestamp, body };
    return isStandard ? standardSignature(one) : plainSignature(one);
  };
  if (!/^\d+$/.test(timestamp)) return { ok: false, text: "The timestamp must be Unix seconds, as in the header." };
  if (isStandard && !given.id.trim()) return { ok: false, text: "webhook-signature covers the id as well: paste webhook-id." };
  const wanted = isStandard ? signature.split(/\s+/) : [signature.toLowerCase()];
  const right = await expected(given.body);
  if (right === null) return { ok: false, text: "The secret is not one of ours: what follows whsec_ must be base64." };
  if (wanted.includes(right)) {
    const age = Math.round(now / 1000 - Number(timestamp));
    if (Math.abs(age) <= TOLERANCE) return { ok: true, text: "The signature is right, and the timestamp is recent." };
    return { ok: true, text: `The signature is right. The timestamp is ${Math.abs(age)} seconds ${age > 0 ? "old" : "ahead"}: a receiver refuses more than ${TOLERANCE}.` };
  }
  for (const [body, text] of variants(given.body)) {
    if (body !== given.body && wanted.includes(await expected(body))) return { ok: false, text };
  }
  return { ok: false, text: "The signature is not right. Check that the secret is this endpoint's, that the timestamp is of the same attempt, and that the body is as it was received, byte for byte." };
}

// What most often happens to a body between the wire and a paste.
function* variants(body) {
  yield [body.replace(/\n$/, ""), "It is right without the line break at the end: your receiver, or the paste, added one."];
  yield [body.replace(/\r\n/g, "\n"), "It is right with other line breaks: something turned LF into CR LF."];
  try {
    yield [JSON.stringify(JSON.parse(body)), "It is right for the same JSON without its spaces: your receiver prints the body anew. Verify the bytes as received."];
  } catch {
    // A body that is no JSON has no other form.
  }
}
