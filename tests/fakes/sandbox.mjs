// What a development stack has in place of the world: a WhatsApp account to connect, a phone that writes to it, and an
// endpoint that takes webhooks, on one page. scripts/dev starts it at the port after its own.

import { readFileSync } from "node:fs";
import { startGraph } from "./graph.mjs";
import { reply, startServer } from "./lib/server.mjs";

/** What was said and received that the page still shows. */
const KEPT = 50;
const MAX_TEXT = 4096;
const PAGE = readFileSync(new URL("./sandbox.html", import.meta.url), "utf8");
const POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const kept = (list, one) => {
  list.unshift({ ...one, at: new Date().toISOString() });
  list.length = Math.min(list.length, KEPT);
};

/** The JSON value of some bytes; none where they are not JSON. */
function jsonOf(raw) {
  try {
    return JSON.parse(raw.toString());
  } catch {
    return undefined;
  }
}

/** Starts it; `callback` is where Tieline takes Meta's webhooks. Gives { url, graph, stop }. */
export async function startSandbox({ port, callback }) {
  const [said, webhooks] = [[], []];
  const graph = await startGraph({ callback });
  const account = {
    phone_number_id: graph.phoneNumberId, waba_id: graph.wabaId, display_phone_number: "+353 80 000 0000",
    access_token: graph.token, app_secret: graph.appSecret, verify_token: "verify-me",
  };

  async function write({ from, name, text }) {
    const wrong = !/^[1-9]\d{6,14}$/.test(from ?? "") ? "The number is 7 to 15 digits, with its country code and without +." :
      !name?.trim() ? "Say who writes." : !text?.trim() || text.length > MAX_TEXT ? `A text has 1 to ${MAX_TEXT} characters.` : undefined;
    if (wrong) return reply(422, { error: wrong });
    const message = { id: `wamid.${Date.now()}${Math.trunc(Math.random() * 1e6)}`, from, timestamp: String(Math.floor(Date.now() / 1000)), type: "text", text: { body: text } };
    const answer = await graph.deliver({ contacts: [{ wa_id: from, profile: { name } }], messages: [message] });
    if (answer.status !== 200) return reply(502, { error: `Tieline answered ${answer.status}. Is the account connected?` });
    kept(said, { from: name, text });
    return { success: true };
  }

  function receive(raw, headers) {
    const body = jsonOf(raw) ?? raw.toString();
    kept(webhooks, { event: body.event ?? "", body, signature: headers["x-webhook-signature"] ?? "" });
    return { success: true };
  }

  // What was sent to the phone, which has it at once, and has read it.
  let told = 0;
  async function answered() {
    for (const { id, body } of graph.sent.slice(told)) {
      told += 1;
      kept(said, { from: "", text: body.text?.body ?? `(${body.type})`, to: body.to });
      for (const status of ["delivered", "read"]) await graph.status(id, status, { recipient_id: body.to });
    }
  }
  const phone = setInterval(() => answered().catch(() => {}), 250);
  const stopPhone = () => (clearInterval(phone), graph.stop());

  const server = await startServer({ port, answer({ method, url, headers, raw }) {
    const asked = `${method} ${url.pathname}`;
    if (asked === "GET /") return reply(200, PAGE, { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY });
    if (asked === "GET /state") return { account, said, webhooks, webhook_url: `${server.base}/webhook` };
    if (asked === "POST /webhook") return receive(raw, headers);
    // Only from the page itself: another site's page could not send JSON without being asked first.
    if (asked === "POST /say" && headers["content-type"] === "application/json") return write(jsonOf(raw) ?? {});
    return reply(404, { error: "There is nothing here." });
  } }).catch(async (error) => {
    await stopPhone();
    throw error;
  });
  return { url: server.base, graph, stop: () => Promise.all([stopPhone(), server.stop()]) };
}
