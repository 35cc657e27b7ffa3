// The fake of an OpenAI-compatible server.

import assert from "node:assert/strict";
import test from "node:test";
import { startOpenAi, vectorOf } from "../openai.mjs";
import { answersEach, bearer, calling, up } from "./support.mjs";

const started = (options) => up(startOpenAi(options));
const post = (openai, path, json, headers = bearer(openai.apiKey)) => calling(openai.url + path, { headers, json });
const question = { model: "gpt-4o-mini", messages: [{ role: "system", content: "Be brief." }, { role: "user", content: "Where is my order?" }] };
const embed = (openai, more) => post(openai, "/embeddings", { model: "text-embedding-3-small", input: "hello", ...more });
const chunksOf = (text) => text.trim().split("\n\n").map((line) => line.replace(/^data: /, ""));

test("a chat is answered with what the test scripted, and its prompt is kept", async () => {
  const openai = await started();
  openai.say("It is on its way.", ({ messages }) => `You asked: ${messages.at(-1).content}`);
  const first = await post(openai, "/chat/completions", question);
  const second = await post(openai, "/chat/completions", { ...question, max_tokens: 3 });
  assert.deepEqual([first.said.object, first.said.choices[0].message.content, first.said.choices[0].finish_reason], ["chat.completion", "It is on its way.", "stop"]);
  assert.deepEqual([second.said.choices[0].message.content, second.said.choices[0].finish_reason], ["You asked: W", "length"]);
  assert.deepEqual(openai.prompts[0], question);
});

test("a stream ends with [DONE], after the usage where it is asked for", async () => {
  const openai = await started();
  openai.say("It is on its way.");
  const { said, headers } = await post(openai, "/chat/completions", { ...question, stream: true, stream_options: { include_usage: true } });
  assert.match(headers.get("content-type"), /^text\/event-stream/);
  const lines = chunksOf(said);
  assert.equal(lines.pop(), "[DONE]");
  const chunks = lines.map((line) => JSON.parse(line));
  assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join(""), "It is on its way.");
  assert.deepEqual([chunks.at(-1).choices, chunks.at(-2).choices[0].finish_reason, typeof chunks.at(-1).usage.total_tokens], [[], "stop", "number"]);
});

test("the last piece of a stream is held back, and whoever goes away before it is counted", async () => {
  const openai = await started();
  const stream = (more, signal) => fetch(`${openai.url}/chat/completions`, { method: "POST", headers: { ...bearer(openai.apiKey), "content-type": "application/json" }, body: JSON.stringify({ ...question, stream: true, ...more }), signal });
  const release = openai.hold();
  openai.say("It is on its way.", "It is on its way.", "Whole.");
  const [stopper, reader] = [new AbortController(), (await stream()).body.getReader()];
  const text = new TextDecoder();
  let heard = "";
  while (!heard.includes(" its")) heard += text.decode((await reader.read()).value, { stream: true });
  assert.doesNotMatch(heard, /way/);
  assert.match(heard, /"obfuscation":"[0-9a-f]+"/);
  const left = await stream({ stream_options: { include_obfuscation: false } }, stopper.signal);
  assert.doesNotMatch(text.decode((await left.body.getReader().read()).value), /obfuscation/);
  stopper.abort();
  while (openai.left === 0) await new Promise(setImmediate);
  release();
  for (let done = false; !done; ) {
    const read = await reader.read();
    done = read.done;
    heard += text.decode(read.value, { stream: !done });
  }
  assert.match(heard, /" way\."[^]*\[DONE\]/);
  assert.equal(openai.left, 1, "one that is read to its end is not");
  openai.unstreamed = true;
  assert.equal((await (await stream()).json()).choices[0].message.content, "Whole.");
});

test("a stream is cut, tells an error, or never says that it is done", async () => {
  const openai = await started();
  const stream = () => post(openai, "/chat/completions", { ...question, stream: true });
  openai.fail("cut-stream");
  await assert.rejects(stream());
  openai.fail("error-in-stream");
  assert.equal(JSON.parse(chunksOf((await stream()).said).at(-1)).error.type, "server_error");
  openai.fail("no-done");
  assert.doesNotMatch((await stream()).said, /DONE/);
});

test("requests are closed, and errors stand in their envelope", async () => {
  const openai = await started();
  const codeOf = ({ status, said }) => [status, said.error.param, said.error.code];
  await answersEach((more) => post(openai, "/chat/completions", { ...question, ...more }), codeOf, [
    ["an unknown parameter", [400, "surprise", "unknown_parameter"], { surprise: 1 }],
    ["no messages", [400, "messages", "empty_array"], { messages: [] }],
    ["an unknown role", [400, "messages[0].role", "invalid_value"], { messages: [{ role: "boss", content: "x" }] }],
    ["a message with more", [400, "messages[0].mood", "unknown_parameter"], { messages: [{ role: "user", content: "x", mood: "x" }] }],
    ["no content", [400, "messages[0].content", "missing_required_parameter"], { messages: [{ role: "user" }] }],
    ["too hot", [400, "temperature", "invalid_value"], { temperature: 3 }],
    ["options of no stream", [400, "stream_options", null], { stream_options: { include_usage: true } }],
    ["an unknown model", [404, null, "model_not_found"], { model: "gpt-0" }],
    ["too long", [400, "messages", "context_length_exceeded"], { messages: [{ role: "user", content: "x".repeat(600_000) }] }],
  ]);
  await answersEach((more) => embed(openai, more), ({ status }) => status, [
    ["an unknown parameter", 400, { surprise: 1 }],
    ["an empty text", 400, { input: "" }],
    ["too many texts", 400, { input: Array(2049).fill("x") }],
    ["a text that is too long", 400, { input: "x".repeat(40_000) }],
    ["more than the model has", 400, { dimensions: 1537 }],
    ["a shorter vector of an older model", 400, { model: "text-embedding-ada-002", dimensions: 5 }],
    ["a model that chats", 403, { model: "gpt-4o-mini" }],
  ]);
  assert.deepEqual(codeOf(await post(openai, "/chat/completions", question, bearer("sk-wrong"))), [401, null, "invalid_api_key"]);
  assert.equal((await post(openai, "/chat/completions", question, {})).status, 401);
  assert.equal((await post(openai, "/completions", question)).status, 404);
  assert.deepEqual([openai.prompts, openai.embedded], [[], []]);
});

test("vectors depend on the words, have the dimension asked for, and come as numbers or base64", async () => {
  const openai = await started({ models: { "text-embedding-3-small": 128 } });
  const { said } = await embed(openai, { input: ["red kettle", "kettle, red!", "quarterly tax form"], dimensions: 64 });
  const [red, same, tax] = said.data.map(({ embedding }) => embedding);
  const cosine = (one, other) => one.reduce((sum, value, at) => sum + value * other[at], 0);
  assert.deepEqual([said.data.map(({ index }) => index), red.length], [[0, 1, 2], 64]);
  assert.ok(cosine(red, same) > 0.999 && cosine(red, tax) < 0.5 && Math.abs(cosine(red, red) - 1) < 1e-9);
  const bytes = Buffer.from((await embed(openai, { encoding_format: "base64" })).said.data[0].embedding, "base64");
  assert.ok(Math.abs(bytes.readFloatLE(0) - vectorOf("hello", 128)[0]) < 1e-6);
  assert.deepEqual(openai.embedded, ["red kettle", "kettle, red!", "quarterly tax form", "hello"]);
});

test("vectors are fewer, in another order, longer, or no numbers", async () => {
  const openai = await started({ models: { "text-embedding-3-small": 8 } });
  const spoilt = async (kind) => {
    openai.fail(kind);
    return (await embed(openai, { input: ["a", "b"] })).said.data;
  };
  assert.equal((await spoilt("fewer")).length, 1);
  assert.deepEqual((await spoilt("reordered")).map(({ index }) => index), [1, 0]);
  assert.equal((await spoilt("dimension"))[0].embedding.length, 9);
  assert.equal((await spoilt("not-finite"))[0].embedding[0], null);
  openai.models["text-embedding-3-small"] = 16;
  assert.equal((await embed(openai)).said.data[0].embedding.length, 16);
});

test("it is limited, out of money, overloaded, down and back", async () => {
  const openai = await started();
  for (const [kind, status, code] of [["429", 429, "rate_limit_exceeded"], ["quota", 429, "insufficient_quota"], ["500", 500, null], ["503", 503, null], ["404", 404, "model_not_found"]]) {
    openai.fail(kind, { retryAfter: "2" });
    const { status: said, said: body, headers } = await embed(openai);
    assert.deepEqual([said, body.error.code, headers.get("retry-after")], [status, code, "2"]);
  }
  openai.fail("reset");
  await assert.rejects(embed(openai));
  await openai.stop();
  await assert.rejects(embed(openai));
  await openai.restart();
  assert.equal((await embed(openai)).status, 200);
});

test("models are listed, and other servers have other paths and no keys", async () => {
  const openai = await started({ models: { "nomic-embed-text": 768 }, prefix: "/client/v4/accounts/acc/ai/v1", keyless: true });
  const list = await calling(`${openai.url}/models`, { method: "GET" });
  assert.deepEqual(list.said.data.map(({ id }) => id), ["nomic-embed-text"]);
  assert.equal((await calling(`${openai.url}/models/gone`, { method: "GET" })).status, 404);
  assert.equal((await post(openai, "/embeddings", { model: "nomic-embed-text", input: "x" }, {})).said.data[0].embedding.length, 768);
});
