import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { callback, withPort } from "../lib/callbacks.mjs";
import { startFiles } from "../lib/files.mjs";
import { segmentsOf } from "../lib/gsm.mjs";
import { startTwilio } from "../twilio.mjs";
import { answersEach, calling, startSink, up } from "./support.mjs";

const twilioLibrary = createRequire(import.meta.url)("twilio/lib/webhooks/webhooks.js");

const P = { CallSid: "CA1234567890ABCDE", Caller: "+14158675309", Digits: "1234", From: "+14158675309", To: "+18005551212" };
const URL_1 = "https://mycompany.com/myapp.php?foo=1&bar=2";
const HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
const EMPTY = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

test("twilio_signs_as_published", () => {
  const vectors = [
    [URL_1, P, "RSOYDt4T1cUTdK1PDd93/VVr8B8="],
    [withPort(URL_1), P, "kvajT1Ptam85bY51eRf/AJRuM3w="],
    [URL_1.replace("https://mycompany.com", "http://mycompany.com:1234"), P, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="],
    [withPort(URL_1.replace("https", "http")), P, "0ZXoZLH/DfblKGATFgpif+LLRf4="],
    [URL_1.replace("//", "//user:pass@"), P, "CukzLTc1tT5dXEDIHm/tKBanW10="],
    [URL_1.replace("//", "//user@"), P, "2YRLlVAflCqxaNicjMpJcSTgzSs="],
    [`${URL_1}&Body=It%27s+amazing`, P, "TfZzewPq8wqrGlMfyAud8+/IvJ0="],
    [`${URL_1}&Body=It's+amazing`, P, "dsq4Ehbj6cs+KdTkpF5sSSplOWw="],
    [`${URL_1}&Body=It's%20amazing`, P, "bD9iT2C/HNMwZ/yCH1s/5R2+wUs="],
    [URL_1, { "MessagingBinding.Address": ["+1325xxxxxxx", "+1415xxxxxxx"] }, "83O6e2vORAoJHUNzJjDWN1jz+BA="],
    [URL_1, { Sid: "CA123", SidAccount: "AC123", Digits: ["5678", "1234", "1234"] }, "IK+Dwps556ElfBT0I3Rgjkr1wJU="],
    [`${URL_1}&bodySHA256=${HASH}`, {}, "a9nBmqA0ju/hNViExpshrM61xv4="],
    [withPort(`${URL_1}&bodySHA256=${EMPTY}`), {}, "Ldidvp12m26NI7eqEvxnEpkd9Hc="],
    [`${URL_1}&bodySHA256=${EMPTY}`, {}, "rw/jVviOgicj2+kHZULvebnA4ag="],
    [`https://mycompany.com/myapp.php?bodySHA256=${HASH}`, {}, "y77kIzt2vzLz71DgmJGsen2scGs="],
  ];
  for (const [url, params, expected] of vectors) {
    assert.equal(callback(url, params, { authToken: "12345" }).headers["x-twilio-signature"], expected, url);
  }
  assert.equal(twilioLibrary.getExpectedBodyHash('{"property": "value", "boolean": true}'), HASH);
  const empty = callback(URL_1, {}, { authToken: "12345", json: true, port: true });
  assert.deepEqual([empty.to, empty.headers["x-twilio-signature"]], [`${URL_1}&bodySHA256=${EMPTY}`, "Ldidvp12m26NI7eqEvxnEpkd9Hc="]);
  const shared = { id: "WK1", secret: "12345" };
  const { headers } = callback(URL_1, P, { sharedKey: shared });
  assert.equal(headers["x-twilio-signature"], "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=");
  assert.equal(headers["x-twilio-webhooks-signature-settings"], "key=WK1,algorithm=HMAC_SHA256");
  const old = callback(URL_1, P, { sharedKey: { ...shared, algorithm: "HMAC_SHA1" } });
  assert.equal(old.headers["x-twilio-signature"], "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
  const sms = {
    MessageSid: "SM00000000000000000000000000000001", AccountSid: "AC00000000000000000000000000000001",
    From: "+15005550006", To: "+15005550001", Body: "Olá ção 😀 & + =", NumMedia: "0", MessagingServiceSid: "",
  };
  const real = callback("https://inbox.example.com/hooks/twilio/acme#rc=3", sms, { authToken: "12345" });
  assert.equal(real.headers["x-twilio-signature"], "oZyg/l8fofnXEocFxcw69O6jXB4=");
});

test("segments_are_counted_by_alphabet", () => {
  const of = (text) => segmentsOf(text).segments;
  assert.deepEqual([of("x".repeat(160)), of("x".repeat(161)), of("x".repeat(307))], [1, 2, 3]);
  assert.deepEqual([of("€".repeat(80)), of("€".repeat(81)), of("€".repeat(153))], [1, 2, 3]);
  assert.deepEqual([of("😀".repeat(35)), of("😀".repeat(36)), of("😀".repeat(67))], [1, 2, 3]);
  assert.equal(segmentsOf("ç").encoding, "UCS-2");
});

test("twilio_refuses_what_it_does", async () => {
  const twilio = await up(startTwilio());
  const basic = (pair) => ({ authorization: `Basic ${Buffer.from(pair).toString("base64")}` });
  const ours = basic(`${twilio.accountSid}:${twilio.authToken}`);
  const url = `${twilio.base}/2010-04-01/Accounts/${twilio.accountSid}`;
  const send = (fields, headers = ours) =>
    calling(`${url}/Messages.json`, { headers, form: Object.entries({ To: "+353871234567", From: twilio.number, Body: "Hi", ...fields }).flatMap(([name, value]) => [value].flat().map((one) => [name, one])) });
  const code = ({ status, said }) => [status, said.code].filter((part) => part !== undefined);
  await answersEach(send, code, [
    ["a text", [201], {}],
    ["an API key", [201], {}, basic(`${twilio.apiKey.sid}:${twilio.apiKey.secret}`)],
    ["a wrong token", [401, 20003], {}, basic(`${twilio.accountSid}:wrong`)],
    ["no token", [401, 20003], {}, {}],
    ["an unknown parameter", [400, 20001], { Colour: "red" }],
    ["one given twice", [400, 20001], { Body: ["a", "b"] }],
    ["a national number", [400, 21211], { To: "0871234567" }],
    ["a foreign sender", [400, 21606], { From: "+15005550009" }],
    ["1600 characters", [201], { Body: "x".repeat(1600) }],
    ["1601 characters", [400, 21617], { Body: "x".repeat(1601) }],
    ["no text", [400, 21602], { Body: "" }],
    ["eleven files", [400, 21623], { MediaUrl: Array(11).fill("https://acme.example/a.png") }],
    ["an underscore in the host", [400, 21609], { StatusCallback: "https://a_b.example/x" }],
    ["ten hours", [201], { ValidityPeriod: "36000" }],
    ["longer", [400, 21626], { ValidityPeriod: "36001" }],
  ]);
  twilio.fail({ status: 429, code: 20429, message: "Too Many Requests" });
  assert.deepEqual(code(await send({})), [429, 20429]);
  const account = await calling(`${url}.json`, { method: "GET", headers: ours });
  assert.equal(account.said.status, "active");
  const get = async (query) => (await calling(`${url}/Messages.json?${query}`, { method: "GET", headers: ours })).said;
  const today = new Date().toISOString().slice(0, 10);
  const page = await get(`To=%2B353871234567&DateSent%3E=${today}&PageSize=3`);
  assert.deepEqual([page.messages.length, typeof page.messages[0].num_segments], [3, "string"]);
  const next = await calling(`${twilio.base}${page.next_page_uri}`, { method: "GET", headers: ours });
  assert.equal(next.said.messages.length, 1);
  assert.equal((await get("To=%2B353870000000")).messages.length, 0);
});

test("twilio_calls_back_with_media_and_remembers_stop", async () => {
  const sink = await startSink();
  const twilio = await up(startTwilio({ callback: `${sink.base}/hook?a=1` }));
  const ours = { authorization: `Basic ${Buffer.from(`${twilio.accountSid}:${twilio.authToken}`).toString("base64")}` };
  await twilio.receive({ from: "+353871234567", body: "Olá", media: [{ bytes: Buffer.from("photo"), type: "image/png" }] });
  const { headers, raw } = sink.got.at(-1);
  const params = Object.fromEntries(new URLSearchParams(raw));
  assert.ok(twilioLibrary.validateRequest(twilio.authToken, headers["x-twilio-signature"], twilio.callback, params));
  const get = (url, more) => calling(url, { method: "GET", ...more });
  assert.equal((await get(params.MediaUrl0)).status, 401);
  const redirect = await get(params.MediaUrl0, { headers: ours });
  assert.equal(redirect.status, 307);
  const location = redirect.headers.get("location");
  assert.notEqual(new URL(location).host, new URL(twilio.base).host);
  assert.deepEqual([(await get(location)).said, (await get(location, { headers: ours })).status], ["photo", 400]);
  assert.equal(twilio.files.leaked.length, 1);
  assert.equal((await calling(`${params.MediaUrl0}.json`, { method: "DELETE", headers: ours })).status, 204);
  assert.equal((await get(params.MediaUrl0, { headers: ours })).status, 404);

  await twilio.receive({ from: "+353871234567", body: "hi", json: true });
  const json = sink.got.at(-1);
  assert.ok(twilioLibrary.validateRequestWithBody(twilio.authToken, json.headers["x-twilio-signature"], new URL(json.url.pathname + json.url.search, sink.base).href, json.raw));

  sink.status = 500;
  const answered = await twilio.receive({ from: "+353871234567", body: "stop", optOutType: "STOP", retries: 2, policy: ["ct", "5xx"] });
  assert.equal(answered.attempts.length, 3);
  assert.equal(new Set(sink.got.slice(-3).map((one) => one.headers["i-twilio-idempotency-token"])).size, 1);
  const refused = await calling(`${twilio.base}/2010-04-01/Accounts/${twilio.accountSid}/Messages.json`, { headers: ours, form: { To: "+353871234567", From: twilio.number, Body: "x" } });
  assert.equal(refused.said.code, 21610);
});

test("a_message_with_a_file_that_cannot_be_sent_fails_later", async () => {
  const sink = await startSink();
  const twilio = await up(startTwilio({ beforeAnswer: ["sent"] }));
  const files = await up(startFiles());
  const headers = { authorization: `Basic ${Buffer.from(`${twilio.accountSid}:${twilio.authToken}`).toString("base64")}` };
  const form = { To: "+353871234567", From: twilio.number, MediaUrl: files.add("x", "text/html"), StatusCallback: sink.base };
  const { said } = await calling(`${twilio.base}/2010-04-01/Accounts/${twilio.accountSid}/Messages.json`, { headers, form });
  await twilio.settled();
  const told = sink.got.map(({ raw }) => Object.fromEntries(new URLSearchParams(raw)));
  assert.deepEqual(told.map((one) => [one.MessageSid, one.MessageStatus, one.ErrorCode]), [[said.sid, "sent", undefined], [said.sid, "failed", "12300"]]);
});

test("an_account_lists_the_numbers_that_are_its_own", async () => {
  const twilio = await startTwilio({ numbers: ["+15005550006", "50505"] });
  const authorization = `Basic ${Buffer.from(`${twilio.accountSid}:${twilio.authToken}`).toString("base64")}`;
  const listed = async (path) => {
    const answer = await fetch(`${twilio.base}/2010-04-01/Accounts/${twilio.accountSid}/${path}`, { headers: { authorization } });
    return answer.json();
  };
  const numbers = await listed("IncomingPhoneNumbers.json?PhoneNumber=%2B15005550006");
  assert.deepEqual(numbers.incoming_phone_numbers.map((one) => one.phone_number), ["+15005550006"]);
  assert.deepEqual((await listed("IncomingPhoneNumbers.json?PhoneNumber=%2B15005550007")).incoming_phone_numbers, []);
  assert.deepEqual((await listed("SMS/ShortCodes.json?ShortCode=50505")).short_codes.map((one) => one.short_code), ["50505"]);
  await twilio.stop();
});
