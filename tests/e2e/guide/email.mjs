// Mail by all three providers through the real stack: what comes reaches poll and webhook, what is
// answered reaches the provider in its form and in the thread, and the answer to that finds its customer.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCrm } from "../../fakes/crm.mjs";
import { startDns } from "../../fakes/dns.mjs";
import { routed as asRouted } from "../../fakes/lib/mime.mjs";
import { startPostmark } from "../../fakes/postmark.mjs";
import { startResend } from "../../fakes/resend.mjs";
import { call, startTieline } from "../../fakes/tieline.mjs";

const PDF = Buffer.from("%PDF-1.4 a file\n");
const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
const resend = await startResend({ domains: ["acme.example"] });
const postmark = await startPostmark();
const crm = await startCrm();
const dns = await startDns();
const tieline = await startTieline(state, { RESEND_API_BASE: resend.base, POSTMARK_API_BASE: postmark.base, DNS_RESOLVER: dns.base });
const key = { "x-api-key": tieline.api_key };
const since = new Date(Date.now() - 60_000).toISOString();

const poll = async () => (await call(`${tieline.base_url}/api-messages-since?since=${encodeURIComponent(since)}&include_attachments=true&limit=1000`, { headers: key })).messages;

/** Waits until a message is there that the test is about. */
async function until(what, find) {
  for (let look = 0; look < 120; look += 1) {
    const found = find(await poll());
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`${what} did not come: ${JSON.stringify(await poll(), null, 1)}`);
}

const withContent = (content) => (messages) => messages.find((message) => message.content === content);

try {
  const opened = await call(`${tieline.base_url}/api/dashboard/sessions`, { method: "POST", headers: { "x-api-key": tieline.admin_key } });
  const headers = { authorization: `Bearer ${opened.token}` };
  const connect = async (body) => {
    const made = await call(`${tieline.base_url}/api/dashboard/channels`, { method: "POST", headers, body: { kind: "email", name: body.address, ...body } });
    if (made.channel.dns_record) {
      assert.equal(made.channel.verification, "pending");
      dns.records.push({ name: body.address.split("@")[1], text: made.channel.dns_record });
    }
    const tested = await call(`${tieline.base_url}/api/dashboard/channels/${made.channel.id}/test`, { method: "POST", headers });
    assert.equal(tested.ok, true, JSON.stringify(tested));
    return made.channel;
  };
  const endpoint = await call(`${tieline.base_url}/api/dashboard/webhooks`, { method: "POST", headers, body: { name: "My CRM", url: crm.url, events: ["message.received", "message.status_changed"] } });
  process.env.WEBHOOK_SECRET = endpoint.secret;
  const send = (body) => call(`${tieline.base_url}/api-send-message`, { method: "POST", headers: key, body: { channel: "email", ...body } });

  // Resend: a mail with a file and hostile HTML.
  const support = await connect({
    provider: "resend", address: "support@acme.example", from_name: "The Shop",
    credentials: { api_key: resend.apiKey, webhook_secret: resend.secret },
  });
  resend.callback = support.webhook_url;
  const first = {
    from: "Jürgen <joe@customer.example>", to: "support@acme.example", subject: "Grüße", messageId: "<first@customer.example>",
    text: "Hello 😀\r\n\r\nOn 3 Nov 2025, Shop <support@acme.example> wrote:\r\n> Hi", html: "<p onclick=x>Hello<script>alert(1)</script><img src=\"cid:logo@x\"></p>",
    attachments: [{ filename: "a.pdf", type: "application/pdf", bytes: PDF }, { filename: "l.png", type: "image/png", bytes: Buffer.from("iVBORw0KGgo=", "base64"), cid: "logo@x" }],
  };
  const taken = await resend.receive(first, { retries: 0 });
  assert.equal(taken.status ?? taken, 200, JSON.stringify(taken));
  const hello = await until("the first mail", (messages) => {
    const found = withContent("Hello 😀")(messages);
    return found?.attachments.every(({ state }) => state === "ready") && found;
  });
  assert.equal(hello.type, "email");
  assert.deepEqual([hello.sender_verified, hello.participant], ["pass", "customer"]);
  assert.equal(hello.detail.subject, "Grüße");
  assert.ok(hello.detail.html.includes("data-cid=\"logo@x\"") && !/script|onclick/.test(hello.detail.html));
  const file = await fetch(hello.attachments[0].download_url);
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), PDF);
  await crm.until("its webhook", (events) => events.some((event) => JSON.stringify(event).includes("Hello 😀")));

  // The same again changes nothing; nor does a forged one.
  await resend.receive(first, { retries: 0 });
  const forged = await resend.receive({ ...first, messageId: "<forged@x>", text: "forged" }, { retries: 0, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" });
  assert.equal(forged.status ?? forged, 401);
  assert.equal((await poll()).filter((message) => message.direction === "inbound").length, 1);

  // The answer goes into the thread, and what becomes of it comes back.
  const answer = await send({ customer_id: hello.customer_id, content: "We have it." });
  assert.equal(answer.message.status, "sent");
  const sent = resend.sent.at(-1).body;
  assert.equal(sent.subject, "Re: Grüße");
  assert.deepEqual([sent.to].flat(), ["joe@customer.example"]);
  assert.equal(sent.headers["In-Reply-To"], "<first@customer.example>");
  const signed = [sent.reply_to].flat()[0];
  assert.match(signed, /^support\+[a-z2-7]{29}\.[a-z2-7]{13}@acme\.example$/);
  await resend.event("sent");
  await resend.event("delivered");
  await until("the delivery", (messages) => messages.find(({ id, status }) => id === answer.message.id && status === "delivered"));

  // Answers find their thread: by the signed address, and by the id that Resend gave our mail. Whoever
  // else writes there is another participant, and moves nothing.
  await resend.receive({ from: "ann@work.example", to: signed, subject: "Re: Grüße", text: "For Jürgen" }, { retries: 0 });
  await resend.receive({ from: "joe@phone.example", to: "support@acme.example", subject: "x", text: "From the phone", inReplyTo: resend.sent.at(-1).messageId }, { retries: 0 });
  await resend.receive({ from: "eve@evil.example", to: "support@acme.example", subject: "Re: Grüße", text: "Let me in" }, { retries: 0 });
  const spoofed = { "Authentication-Results": "amazonses.com; dmarc=pass header.from=customer.example" };
  await resend.receive({ from: "joe@customer.example", to: signed, replyTo: "eve@evil.example", subject: "Re: Grüße", text: "Pay here", dmarc: "fail", headers: spoofed }, { retries: 0 });
  const told = await until("the answers", (messages) => messages.filter(({ direction }) => direction === "inbound").length === 5 && messages);
  const whose = (content) => withContent(content)(told).customer_id;
  assert.equal(whose("For Jürgen"), hello.customer_id);
  assert.equal(whose("From the phone"), hello.customer_id);
  assert.notEqual(whose("Let me in"), hello.customer_id);
  const shown = (content) => [withContent(content)(told).sender_verified, withContent(content)(told).participant];
  assert.deepEqual(shown("For Jürgen"), ["pass", "other"]);
  assert.deepEqual(shown("From the phone"), ["pass", "other"]);
  assert.deepEqual(shown("Pay here"), ["fail", "other"]);
  await crm.until("the webhook of the forged mail", (events) => events.some((event) => JSON.stringify(event).includes("\"sender_verified\":\"fail\"")));

  // An answer that is lost on the way goes again under the same key, and arrives once.
  resend.fail({ status: 500 });
  const retried = await send({ customer_id: hello.customer_id, content: "Once" });
  assert.equal(retried.message.status, "queued");
  await until("the second try", (messages) => messages.find(({ id, status }) => id === retried.message.id && status === "sent"));
  assert.equal(resend.sent.filter(({ body }) => body.text === "Once").length, 1);
  assert.deepEqual([resend.sent.at(-1).body.to].flat(), ["joe@customer.example"]);

  // Resend's API is away when a mail is announced: it is kept, and comes with the cron.
  resend.failReads.push({ status: 500 });
  await resend.receive({ from: "late@customer.example", to: "support@acme.example", subject: "x", text: "Late" }, { retries: 0 });
  await until("the late mail", withContent("Late"));

  // Postmark.
  const sales = await connect({ provider: "postmark", address: "sales@acme.example", credentials: { api_key: postmark.serverToken, webhook_secret: "a pass word that nobody guesses" } });
  const withPassword = (pair) => sales.webhook_url.replace("://", `://${pair}@`);
  postmark.callback = withPassword("tieline:a%20pass%20word%20that%20nobody%20guesses");
  const bought = { from: "Pat <pat@customer.example>", to: "sales@acme.example", subject: "An order", text: "I buy", attachments: [{ filename: "o.pdf", type: "application/pdf", bytes: PDF }] };
  const refused = await postmark.receive(bought, { retries: 0, to: withPassword("tieline:wrong") });
  assert.equal(refused.status ?? refused, 401);
  await postmark.receive(bought, { retries: 0 });
  const order = await until("the order", withContent("I buy"));
  assert.deepEqual([order.sender_verified, order.participant], ["pass", "customer"]);
  const stored = await fetch(order.attachments[0].download_url);
  assert.deepEqual(Buffer.from(await stored.arrayBuffer()), PDF);
  const thanks = await send({ conversation_id: order.conversation_id, content: "Thank you" });
  assert.equal(thanks.message.status, "sent");
  assert.equal(postmark.sent.at(-1).body.Subject, "Re: An order");
  await postmark.event("Bounce");
  const bounced = await until("the bounce", (messages) => messages.find(({ id, status }) => id === thanks.message.id && status === "failed"));
  assert.equal(bounced.error.code, "HardBounce");

  // Cloudflare's Email Routing, once the domain says whose it is; as workerd hands a mail to the Worker's email event.
  await connect({ provider: "cloudflare", address: "info@acme.example", sends_by: "resend", credentials: { api_key: resend.apiKey } });
  const origin = new URL(tieline.base_url).origin;
  const route = async (mail, to = "info@acme.example") => {
    const url = `${origin}/cdn-cgi/local/email?from=${encodeURIComponent("joe@customer.example")}&to=${encodeURIComponent(to)}`;
    const answer = await fetch(url, { method: "POST", headers: { "MF-Route-Override": "tieline-webhook-email" }, body: asRouted(mail) });
    return [answer.status, await answer.text()];
  };
  const routed = { from: "Zoë <zoe@customer.example>", to: "info@acme.example", subject: "Über", messageId: "<z@customer.example>", text: "Grüße", charset: "iso-8859-1", attachments: [{ filename: "ü.pdf", type: "application/pdf", bytes: PDF }] };
  assert.deepEqual((await route(routed))[0], 200);
  const zoe = await until("the routed mail", withContent("Grüße"));
  assert.equal(zoe.detail.raw, true);
  assert.deepEqual([zoe.sender_verified, zoe.participant], ["pass", "customer"]);
  assert.equal(zoe.attachments[0].filename, "ü.pdf");
  const unknown = await route(routed, "nobody@acme.example");
  assert.equal(unknown[0], 400);
  assert.match(unknown[1], /no such mailbox/);
  const away = { from: "zoe@customer.example", to: "info@acme.example", subject: "Away", messageId: "<away@x>", text: "I am away", autoReply: true };
  await route(away);
  const automatic = await until("the automatic mail", withContent("I am away"));
  assert.equal(automatic.detail.auto_submitted, true);
  const reply = await send({ conversation_id: zoe.conversation_id, content: "To Zoë" });
  assert.equal(reply.message.status, "sent");
  assert.equal(resend.sent.at(-1).body.from, "info@acme.example");
  console.log(`${(await poll()).length} messages by three providers`);
} catch (error) {
  console.error(tieline.log().slice(-20_000));
  throw error;
} finally {
  await tieline.stop();
  await resend.stop();
  await postmark.stop();
  await dns.stop();
  await crm.stop();
  rmSync(state, { recursive: true, force: true });
}
