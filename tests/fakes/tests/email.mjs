import assert from "node:assert/strict";
import { request as plainRequest } from "node:http";
import { createRequire } from "node:module";
import { test } from "node:test";
import { encoded, mime } from "../lib/mime.mjs";
import { startPostmark } from "../postmark.mjs";
import { startResend } from "../resend.mjs";
import { answersEach, bearer, calling, startSink, up } from "./support.mjs";

const { Webhook } = createRequire(import.meta.url)("standardwebhooks");

test("standard_webhooks_sign_as_published", () => {
  const hook = new Webhook("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
  const body = '{"email":"test@example.com","username":"test_user"}';
  assert.equal(hook.sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", new Date(1649367553_000), body), "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
});

test("resend_refuses_what_it_does", async () => {
  const resend = await up(startResend());
  const mail = { from: "Support <help@acme.example>", to: "joe@mail.example", subject: "Hi", text: "Hello" };
  const send = (fields, headers = {}) => calling(`${resend.base}/emails`, { headers: { ...bearer(resend.apiKey), ...headers }, json: { ...mail, ...fields } });
  const code = ({ status, said }) => [status, said.name].filter((part) => part !== undefined);
  await answersEach(send, code, [
    ["a mail", [200], { headers: { "In-Reply-To": "<a@b>" }, attachments: [{ filename: "a.txt", content: "aGk=" }] }],
    ["a wrong key", [403, "invalid_api_key"], {}, bearer("wrong")],
    ["an unknown key", [422, "validation_error"], { colour: "red" }],
    ["an unknown key inside", [422, "validation_error"], { attachments: [{ filename: "a", content: "aGk=", size: 2 }] }],
    ["a domain not verified", [403, "validation_error"], { from: "a@other.example" }],
    ["51 recipients", [422, "validation_error"], { to: Array(51).fill("a@b.example") }],
    ["no subject", [422, "missing_required_field"], { subject: undefined }],
    ["a file that is no base64", [422, "invalid_attachment"], { attachments: [{ filename: "a", content: "%" }] }],
    ["both of content and path", [422, "invalid_attachment"], { attachments: [{ filename: "a", content: "aGk=", path: "https://a.example/" }] }],
    ["above 40 MB", [422, "validation_error"], { attachments: [{ filename: "a", content: Buffer.alloc(31 << 20).toString("base64") }] }],
    ["a header of two lines", [422, "validation_error"], { headers: { "X-A": "a\r\nBcc: b@c.example" } }],
    ["a header that is a number", [422, "validation_error"], { headers: { "X-A": 1 } }],
  ]);
  const silent = await new Promise((resolve) => plainRequest(`${resend.base}/domains`, { headers: bearer(resend.apiKey) }, resolve).end());
  assert.equal(silent.statusCode, 403);
  silent.resume();

  const key = { "idempotency-key": "message-1" };
  const release = resend.hold();
  const both = [send({}, key), send({}, key)];
  assert.deepEqual(code(await Promise.race(both)), [409, "concurrent_idempotent_requests"]);
  release();
  const { id } = (await Promise.all(both)).find(({ status }) => status === 200).said;
  assert.equal((await send({}, key)).said.id, id);
  assert.deepEqual(code(await send({ text: "other" }, key)), [409, "invalid_idempotent_request"]);
  assert.equal(resend.sent.length, 2);
  resend.limit = 1;
  await send({});
  const limited = await send({});
  assert.deepEqual([limited.status, limited.headers.get("retry-after")], [429, "1"]);
});

test("resend_tells_of_mail_and_gives_it_when_asked", async () => {
  const sink = await startSink();
  const resend = await up(startResend({ callback: sink.base }));
  sink.status = 503;
  const photo = { filename: "a.png", type: "image/png", bytes: "PNG", cid: "i1" };
  const mail = { from: "Joe <joe@mail.example>", to: "help@acme.example", subject: "Hé", text: "Hello", html: '<img src="cid:i1">', inReplyTo: "<a@b>", attachments: [photo] };
  await resend.receive(mail, { retries: 2 });
  assert.deepEqual(resend.deliveries[0].attempts.map(({ after: wait }) => wait), [0, 5, 305]);
  const { headers, raw } = sink.got.at(-1);
  const renamed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replace("svix-", "webhook-"), value]));
  const { data } = new Webhook(resend.secret).verify(raw, renamed);
  assert.deepEqual([data.text, data.html, data.received_for], [undefined, undefined, ["help@acme.example"]]);
  const get = async (path) => (await calling(resend.base + path, { method: "GET", headers: bearer(resend.apiKey) })).said;
  const whole = await get(`/emails/receiving/${data.email_id}?html_format=cid`);
  assert.deepEqual([whole.text, whole.html, whole.headers["in-reply-to"]], ["Hello", mail.html, "<a@b>"]);
  // What its server found of the sender is a header like any other; one that came twice is a list.
  assert.match(whole.headers["authentication-results"], /^amazonses\.com; spf=pass .* dmarc=pass header\.from=/);
  const file = await get(`/emails/receiving/${data.email_id}/attachments/${data.attachments[0].id}`);
  assert.equal(await (await fetch(file.download_url)).text(), "PNG");
  resend.expireLinks();
  assert.equal((await fetch(file.download_url)).status, 403);
});

test("postmark_refuses_what_it_does", async () => {
  const postmark = await up(startPostmark());
  const send = (fields, token = postmark.serverToken) => calling(`${postmark.base}/email`, {
    headers: { accept: "application/json", "x-postmark-server-token": token },
    json: { From: "help@acme.example", To: "joe@mail.example", Subject: "Hi", TextBody: "Hello", ...fields },
  });
  postmark.suppressed.add("gone@mail.example");
  await answersEach(send, ({ status, said }) => [status, said.ErrorCode], [
    ["a mail", [200, 0], { Headers: [{ Name: "In-Reply-To", Value: "<a@b>" }], MessageStream: "outbound" }],
    ["a dry run", [200, 0], {}, "POSTMARK_API_TEST"],
    ["a wrong token", [401, 10], {}, "wrong"],
    ["an unknown key", [422, 300], { Colour: "red" }],
    ["a foreign sender", [422, 400], { From: "a@other.example" }],
    ["an inactive recipient", [422, 406], { To: "Gone <gone@mail.example>" }],
    ["51 recipients", [422, 300], { To: Array(51).fill("a@b.example").join(",") }],
    ["an unknown stream", [422, 1235], { MessageStream: "other" }],
    ["a program", [422, 300], { Attachments: [{ Name: "a.exe", Content: "aGk=", ContentType: "application/octet-stream" }] }],
    ["a long text", [422, 300], { TextBody: "x".repeat((5 << 20) + 1) }],
  ]);
  assert.equal(postmark.sent.length, 1);
});

test("postmark_climbs_its_ladder_and_stops_at_403", async () => {
  const sink = await startSink();
  const postmark = await up(startPostmark({ callback: sink.base.replace("//", "//tie%40line:pass@") }));
  const mail = { from: "Joe <joe@mail.example>", to: "Help <reply+c1.mac@acme.example>", subject: "Re: Hi", text: "Yes\n\nOn Monday Ann wrote:\n> Hi?", inReplyTo: "<a@b>" };
  sink.status = 500;
  await postmark.receive(mail, { retries: 10 });
  assert.deepEqual(postmark.deliveries[0].attempts.map(({ after: wait }) => wait / 60), [0, 1, 6, 16, 26, 36, 51, 81, 141, 261, 621]);
  const { headers, raw } = sink.got.at(-1);
  assert.equal(headers.authorization, `Basic ${Buffer.from("tie@line:pass").toString("base64")}`);
  const told = JSON.parse(raw);
  assert.deepEqual([told.MailboxHash, told.StrippedTextReply, told.FromFull.Name], ["c1.mac", "Yes", "Joe"]);
  assert.ok(told.Headers.some(({ Name, Value }) => Name === "In-Reply-To" && Value === "<a@b>"));
  // Postmark's own come first, and end with how the mail arrived.
  const arrival = told.Headers.findIndex(({ Name, Value }) => Name === "Received" && Value.startsWith("from "));
  assert.ok(told.Headers.slice(0, arrival).some(({ Name, Value }) => Name === "X-Spam-Tests" && Value.includes("DKIM_VALID_AU")));
  sink.status = 403;
  await postmark.receive(mail, { retries: 10 });
  assert.equal(postmark.deliveries[1].attempts.length, 1);
});

test("mail_is_written_in_the_charset_asked_for", () => {
  assert.deepEqual(encoded("é€", "windows-1252"), Buffer.from([0xe9, 0x80]));
  assert.deepEqual(encoded("件", "shift_jis"), Buffer.from([0x8c, 0x8f]));
  const raw = mime({ from: "Zoé <z@a.example>", to: "b@c.example", subject: "Où?", text: "déjà", charset: "iso-8859-1", autoReply: true }).toString("latin1");
  assert.match(raw, /^From: =\?iso-8859-1\?B\?Wm\/p\?= <z@a\.example>\r\n/);
  assert.match(raw, /Auto-Submitted: auto-replied\r\n/);
  assert.match(raw, /\r\n\r\nd=E9j=E0$/);
});
