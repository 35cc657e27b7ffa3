// SMS and MMS, whole: fakes of Twilio, whose own library signs, and of the CRM on loopback, scripts/dev
// between.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCrm } from "../../fakes/crm.mjs";
import { call, startTieline } from "../../fakes/tieline.mjs";
import { startTwilio } from "../../fakes/twilio.mjs";

const JOE = "+353871234567";
const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
const twilio = await startTwilio();
const crm = await startCrm();
const tieline = await startTieline(state, { TWILIO_API_BASE: twilio.base });

/** Waits until a condition holds, and gives what it gave. */
async function until(what, condition, millis = 30_000) {
  const end = Date.now() + millis;
  for (;;) {
    const result = await condition();
    if (result) return result;
    assert.ok(Date.now() < end, `${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

try {
  const { base_url: base, api_key: key } = tieline;
  const { token } = await call(`${base}/api/dashboard/sessions`, { method: "POST", headers: { "x-api-key": tieline.admin_key } });
  const admin = { authorization: `Bearer ${token}` };
  const { channel } = await call(`${base}/api/dashboard/channels`, {
    method: "POST",
    headers: admin,
    body: {
      kind: "sms", name: "Texts", phone_number: twilio.number, account_sid: twilio.accountSid,
      api_key_sid: twilio.apiKey.sid, webhook_key_id: twilio.sharedKey.id, delete_media: true,
      credentials: { auth_token: twilio.authToken, api_key_secret: twilio.apiKey.secret, webhook_secret: twilio.sharedKey.secret },
    },
  });
  assert.equal(channel.verification, "verified");
  twilio.callback = channel.webhook_url;
  const { secret } = await call(`${base}/api/dashboard/webhooks`, {
    method: "POST",
    headers: admin,
    body: { name: "My CRM", url: crm.url, events: ["message.received", "message.sent", "message.status_changed", "message.updated"] },
  });
  process.env.WEBHOOK_SECRET = secret;
  const tested = await call(`${base}/api/dashboard/channels/${channel.id}/test`, { method: "POST", headers: admin });
  assert.deepEqual([tested.ok, tested.detail.friendly_name], [true, "Corner Shop"]);

  await call(`${base}/api-customers-sync`, {
    method: "POST",
    headers: { "x-api-key": key },
    body: { customers: [{ external_id: "CRM-1", name: "Joe Bloggs", phone: JOE }] },
  });
  const since = new Date().toISOString();
  const thread = async () => (await call(`${base}/api-messages-since?since=${encodeURIComponent(since)}&limit=1000&include_attachments=true`, { headers: { "x-api-key": key } })).messages;
  const send = async (content, more = {}) => {
    const response = await fetch(`${base}/api-send-message`, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: JSON.stringify({ customer_id: "CRM-1", channel: "sms", content, ...more }),
    });
    return { http: response.status, ...(await response.json()) };
  };
  const statusOf = async (id) => (await thread()).find((message) => message.id === id).status;
  const becomes = (id, status) => until(`${id} ${status}`, async () => (await statusOf(id)) === status, 45_000);

  // In: signed in every way, forged in some, twice.
  const began = Date.now();
  const first = await twilio.receive({ from: JOE, body: "Olá ção 😀 & + =", id: "SM00000000000000000000000000000001" });
  assert.deepEqual([first.status, first.text], [200, "<Response/>"]);
  const received = await crm.until("message.received", (events) => events.find((e) => e.event === "message.received"));
  assert.ok(received.at - began < 2000, `the webhook came after ${received.at - began} ms`);
  assert.deepEqual([received.data.message.content, received.data.message.platform, received.data.external_id], ["Olá ção 😀 & + =", "sms", "CRM-1"]);
  await twilio.receive({ from: JOE, body: "Olá ção 😀 & + =", id: "SM00000000000000000000000000000001" });
  const ways = { json: { json: true }, port: { port: true }, key: { sharedKey: twilio.sharedKey }, "key, SHA-1": { sharedKey: { ...twilio.sharedKey, algorithm: "HMAC_SHA1" } } };
  for (const [body, way] of Object.entries(ways)) assert.equal((await twilio.receive({ from: JOE, body, ...way })).status, 200, body);
  for (const forged of [{ signature: "AAAA" }, { signedUrl: "https://elsewhere.example/" }, { sharedKey: { id: "WK9", secret: "x" } }]) {
    assert.equal((await twilio.receive({ from: JOE, body: "forged", ...forged })).status, 401);
  }
  await twilio.receive({ from: "50505", body: "Your code is 1" });
  assert.deepEqual((await thread()).map((message) => message.content), ["Olá ção 😀 & + =", ...Object.keys(ways), "Your code is 1"]);
  assert.ok(twilio.callbacks.filter(({ status }) => status === 200).every(({ warning }) => warning === undefined));

  // In with a file: by the account's secret from Twilio, without it from where that leads; deleted there.
  await twilio.receive({ from: JOE, body: "Look", media: [{ bytes: PNG, type: "image/png" }] });
  const withFile = await until("the file", async () => (await thread()).find(({ content, attachments }) => content === "Look" && attachments[0]?.state === "ready"));
  const download = await fetch(withFile.attachments[0].download_url);
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), PNG);
  assert.deepEqual(twilio.files.leaked, []);
  await until("the deletion", () => twilio.deleted.length === 1);

  // Out: taken, counted, told of.
  const sent = await send("Your order is ready 😀".padEnd(80, "."));
  assert.deepEqual([sent.http, sent.message.status, sent.message.segments], [200, "sent", 2]);
  const { fields } = twilio.sent.at(-1);
  assert.deepEqual([fields.To, fields.From], [JOE, twilio.number]);
  assert.equal(fields.StatusCallback, `${channel.webhook_url}?message_id=${sent.message.id}`);
  for (const status of ["sent", "delivered", "sent"]) await twilio.status(sent.message.provider_id, status);
  assert.equal(await statusOf(sent.message.id), "delivered");
  const failing = await send("To a landline");
  await twilio.status(failing.message.provider_id, "undelivered", { errorCode: 30006 });
  assert.equal((await thread()).find(({ id }) => id === failing.message.id).error.code, "30006");

  // Out with a file, which Twilio fetches by its link.
  const form = new FormData();
  form.append("file", new File([PNG], "a.png"));
  const { attachment } = await (await fetch(`${base}/api-upload-attachment`, { method: "POST", headers: { "x-api-key": key }, body: form })).json();
  const mms = await send("Look here", { attachments: [attachment.file_url] });
  assert.equal(mms.message.status, "sent");
  await twilio.settled();
  assert.deepEqual(twilio.problems, []);
  assert.deepEqual(twilio.sent.at(-1).files, [{ type: "image/png", size: PNG.length }]);

  // A callback that beats the answer.
  twilio.beforeAnswer.push("sent", "delivered");
  const beaten = await send("Quick");
  twilio.beforeAnswer.length = 0;
  assert.equal(await statusOf(beaten.message.id), "delivered");

  // Too many at once: never processed, and so tried again.
  twilio.fail({ status: 429, code: 20429 });
  const waits = await send("Patience");
  assert.deepEqual([waits.http, waits.message.status], [202, "queued"]);

  // Nobody there: nothing left, and it is sent once there is.
  await twilio.down();
  const early = await send("Is anybody there?");
  assert.deepEqual([early.http, early.message.status], [202, "queued"]);
  await twilio.up();

  // Taken, and the answer lost: found in the list, and not sent again. Lost before it was taken: never
  // found, and never sent again either.
  twilio.fail("reset-after", "reset");
  const lost = await send("Taken or not?");
  const never = await send("Never taken");
  assert.deepEqual([lost.message.status, never.message.status], ["uncertain", "uncertain"]);
  await becomes(waits.message.id, "sent");
  await becomes(early.message.id, "sent");
  await becomes(lost.message.id, "sent");
  const texts = twilio.messages.map(({ body }) => body);
  for (const once of ["Is anybody there?", "Taken or not?"]) assert.equal(texts.filter((body) => body === once).length, 1, once);
  assert.equal(texts.includes("Never taken"), false);
  assert.equal(await statusOf(never.message.id), "uncertain");

  // STOP, START, and what Twilio knows of by other ways.
  await twilio.receive({ from: JOE, body: "Stop" });
  const before = twilio.sent.length;
  const stopped = await send("Hello?");
  assert.deepEqual([stopped.http, stopped.code], [422, "opted_out"]);
  assert.equal(twilio.sent.length, before);
  await twilio.receive({ from: JOE, body: "Tosaigh", optOutType: "START" });
  twilio.optedOut.delete(JOE);
  assert.equal((await send("Hello!")).http, 200);
  twilio.optedOut.add(JOE);
  for (const content of ["Once", "Twice"]) assert.deepEqual((({ http, code }) => [http, code])(await send(content)), [422, "opted_out"]);
  assert.equal(crm.unverified, 0);
  console.log("SMS and MMS went in and out");
} catch (error) {
  console.error(tieline.log());
  throw error;
} finally {
  await tieline.stop();
  await twilio.stop();
  await crm.stop();
  rmSync(state, { recursive: true, force: true });
}
