// An OpenAI-compatible server, on loopback: chat completions (whole and as a stream), embeddings and models, with
// closed requests, keys, limits, answers that the test gives, and vectors that depend on the words alone.
//
// Run alone: node tests/fakes/openai.mjs [--port N]
//
// Sources: see lib/openai-schemas.mjs; CreateChatCompletionStreamResponse of the same description for chunks, whose
// stream ends with `data: [DONE]`.

import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { failuresOf } from "./lib/failures.mjs";
import { bodyOf, checkChat, embeddingInputs, Refused } from "./lib/openai-schemas.mjs";
import { portArgument, printed, reply, startServer } from "./lib/server.mjs";

/** The models and how long their vectors are; 0 for those that chat. */
export const MODELS = { "gpt-4o-mini": 0, "text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536 };
/** Only the third generation takes `dimensions`. */
const SHORTENED = /^text-embedding-3-/;
const INPUT_TOKENS = 8192;
const CREATED = 1_767_571_200;
const tokensOf = (text) => Math.max(1, Math.ceil(text.length / 4));
const textOf = (content) => (typeof content === "string" ? content : (content ?? []).map(({ text }) => text ?? "").join("\n"));

const limited = (headers, words, type, code) => new Refused(429, words, { type, code, headers }).said;
const FAILURES = {
  401: (headers) => new Refused(401, "Incorrect API key provided: sk-fake*****. You can find your API key at https://platform.openai.com/account/api-keys.", { code: "invalid_api_key", headers }).said,
  404: (headers) => new Refused(404, "The model `gone` does not exist or you do not have access to it.", { code: "model_not_found", headers }).said,
  429: (headers) => limited({ "x-ratelimit-limit-requests": "500", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "120ms", ...headers }, "Rate limit reached for requests", "requests", "rate_limit_exceeded"),
  quota: (headers) => limited(headers, "You exceeded your current quota, please check your plan and billing details.", "insufficient_quota", "insufficient_quota"),
  500: (headers) => new Refused(500, "The server had an error while processing your request. Sorry about that!", { type: "server_error", headers }).said,
  503: (headers) => new Refused(503, "The engine is currently overloaded, please try again later", { type: "server_error", headers }).said,
};
/** What goes wrong within an answer; each is taken for so many answers. */
const SPOILT = ["cut-stream", "error-in-stream", "no-done", "fewer", "reordered", "dimension", "not-finite"];

/** A vector of length 1: alike for texts that share words and parts of words. */
export function vectorOf(text, dimension) {
  const vector = new Array(dimension).fill(0);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const parts = words.flatMap((word) => [word, word, ...Array.from({ length: Math.max(0, word.length - 2) }, (_, at) => word.slice(at, at + 3))]);
  for (const part of parts.length ? parts : ["\u0000"]) {
    let state = 2166136261;
    for (const letter of part) state = Math.imul(state ^ letter.codePointAt(0), 16777619);
    for (let times = 0; times < 4; times += 1) {
      state = Math.imul(state ^ (state >>> 13), 1540483477) + 374761393;
      vector[(state >>> 1) % dimension] += state & 1 ? 1 : -1;
    }
  }
  const length = Math.hypot(...vector);
  if (length === 0) return vector.fill(0).with(0, 1);
  return vector.map((value) => value / length);
}

/**
 * Starts the fake. `models` gives each model's dimension; `latency` is ms before an answer, `pace` ms between the
 * chunks of a stream, `unstreamed` answers whole whoever asks for one; `prefix` is what stands before the paths; `keyless` asks for no key, as Ollama does.
 * Prompts are kept in `prompts` (the whole request), texts that were embedded in `embedded`.
 */
export async function startOpenAi({ port = 0, apiKey = "sk-fake0123456789", models = MODELS, latency = 0, pace = 0, prefix = "/v1", keyless = false, contextTokens = 128_000 } = {}) {
  const openai = { apiKey, models: { ...models }, latency, pace, keyless, contextTokens, unstreamed: false, held: null, left: 0, requests: [], prompts: [], embedded: [], answers: [] };
  const failures = failuresOf(openai.requests);
  let spoilt = [];
  let count = 0;

  /** Takes a spoiling that was commanded, if there is one of these kinds. */
  function spoiling(...kinds) {
    const rule = spoilt.find(({ kind }) => kinds.includes(kind));
    if (rule && (rule.times -= 1) <= 0) spoilt = spoilt.filter((other) => other !== rule);
    return rule?.kind;
  }

  function admit({ headers }) {
    if (openai.keyless) return;
    const { authorization } = headers;
    if (authorization === undefined) throw new Refused(401, "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).");
    if (authorization !== `Bearer ${openai.apiKey}`) throw new Refused(401, `Incorrect API key provided: ${authorization.replace("Bearer ", "").slice(0, 7)}*****.`, { code: "invalid_api_key" });
  }

  function modelOf(name, isChat) {
    const dimension = openai.models[name];
    if (dimension === undefined) throw new Refused(404, `The model \`${name}\` does not exist or you do not have access to it.`, { code: "model_not_found" });
    if (isChat && dimension > 0) throw new Refused(404, "This is not a chat model and thus not supported in the v1/chat/completions endpoint.", { param: "model" });
    if (!isChat && dimension === 0) throw new Refused(403, `You are not allowed to generate embeddings from this model`);
    return dimension;
  }

  /** What the test scripted next: text, an object { content, finish_reason, refusal, tool_calls }, or a function of the request. */
  function scripted(body) {
    const next = openai.answers.length > 0 ? openai.answers.shift() : "I do not know.";
    const given = typeof next === "function" ? next(body) : next;
    const answer = typeof given === "string" ? { content: given } : given;
    const most = body.max_completion_tokens ?? body.max_tokens;
    if (most != null && tokensOf(answer.content ?? "") > most) return { ...answer, content: answer.content.slice(0, most * 4), finish_reason: "length" };
    return { finish_reason: answer.tool_calls ? "tool_calls" : "stop", ...answer };
  }

  async function* chunks(common, answers, usage, { include_usage: withUsage = false, include_obfuscation: padded = true }) {
    const spoil = spoiling("cut-stream", "error-in-stream", "no-done");
    const { held } = openai;
    // Chunks of a text are made longer, so that their size tells nothing.
    const padding = (choices) => padded && choices[0]?.delta.content && { obfuscation: "0123456789abcdef".slice(choices[0].delta.content.length % 16) };
    const line = (choices, more = {}) => `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices, ...(withUsage && { usage: null }), ...padding(choices), ...more })}\n\n`;
    for (const [index, { content, finish_reason, refusal, tool_calls }] of answers.entries()) {
      yield line([{ index, delta: { role: "assistant", content: "", refusal: null }, logprobs: null, finish_reason: null }]);
      const pieces = (content ?? "").match(/\s*\S+\s*$|\s*\S+/g) ?? [];
      for (const [at, piece] of pieces.entries()) {
        if (openai.pace > 0) await sleep(openai.pace);
        if (at === pieces.length - 1) await held;
        if (spoil === "cut-stream" && at >= pieces.length / 2) throw new Error("cut");
        if (spoil === "error-in-stream" && at >= pieces.length / 2) return void (yield `data: ${JSON.stringify(FAILURES[500]({}).body)}\n\n`);
        yield line([{ index, delta: { content: piece }, logprobs: null, finish_reason: null }]);
      }
      if (refusal) yield line([{ index, delta: { refusal }, logprobs: null, finish_reason: null }]);
      if (tool_calls) yield line([{ index, delta: { tool_calls: tool_calls.map((call, at) => ({ index: at, ...call })) }, logprobs: null, finish_reason: null }]);
      yield line([{ index, delta: {}, logprobs: null, finish_reason }]);
    }
    if (withUsage) yield line([], { usage });
    if (spoil !== "no-done") yield "data: [DONE]\n\n";
  }

  function chat(request) {
    const body = bodyOf(request.raw);
    checkChat(body);
    modelOf(body.model, true);
    const prompt = body.messages.reduce((sum, { content }) => sum + tokensOf(textOf(content)) + 4, 0);
    if (prompt > openai.contextTokens) {
      throw new Refused(400, `This model's maximum context length is ${openai.contextTokens} tokens. However, your messages resulted in ${prompt} tokens. Please reduce the length of the messages.`, { param: "messages", code: "context_length_exceeded" });
    }
    openai.prompts.push(body);
    const answers = Array.from({ length: body.n ?? 1 }, () => scripted(body));
    const completion = answers.reduce((sum, { content }) => sum + tokensOf(content ?? ""), 0);
    const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
    const common = { id: `chatcmpl-fake${(count += 1)}`, created: CREATED + count, model: body.model, service_tier: "default", system_fingerprint: "fp_fake" };
    if (body.stream === true && !openai.unstreamed) return reply(200, Object.assign(chunks(common, answers, usage, body.stream_options ?? {}), { left: () => (openai.left += 1) }), { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
    const choices = answers.map(({ content = null, refusal = null, tool_calls, finish_reason }, index) => ({ index, message: { role: "assistant", content, refusal, annotations: [], ...(tool_calls && { tool_calls }) }, logprobs: null, finish_reason }));
    return reply(200, { ...common, object: "chat.completion", choices, usage });
  }

  function embeddings(request) {
    const body = bodyOf(request.raw);
    const inputs = embeddingInputs(body);
    const own = modelOf(body.model, false);
    if (body.dimensions !== undefined && !SHORTENED.test(body.model)) throw new Refused(400, "This model does not support specifying dimensions.");
    if (body.dimensions > own) throw new Refused(400, `Invalid value for 'dimensions' = ${body.dimensions}. Must be less than or equal to ${own}.`);
    const tokens = inputs.map(tokensOf);
    if (tokens.some((each) => each > INPUT_TOKENS)) throw new Refused(400, `This model's maximum context length is ${INPUT_TOKENS} tokens, however you requested ${Math.max(...tokens)} tokens. Please reduce your prompt; or completion length.`);
    const total = tokens.reduce((sum, each) => sum + each, 0);
    if (total > 300_000) throw new Refused(400, `Requested ${total} tokens, max 300000 tokens per request`, { type: "max_tokens_per_request", code: "max_tokens_per_request" });
    openai.embedded.push(...inputs);
    const spoil = spoiling("fewer", "reordered", "dimension", "not-finite");
    const dimension = (body.dimensions ?? own) + (spoil === "dimension" ? 1 : 0);
    const shown = (vector) => (body.encoding_format === "base64" ? Buffer.from(Float32Array.from(vector).buffer).toString("base64") : spoil === "not-finite" ? vector.with(0, null) : vector);
    const data = inputs.map((text, index) => ({ object: "embedding", index, embedding: shown(vectorOf(text, dimension)) }));
    if (spoil === "fewer") data.pop();
    if (spoil === "reordered") data.reverse();
    return reply(200, { object: "list", data, model: body.model, usage: { prompt_tokens: total, total_tokens: total } });
  }

  function listed(name) {
    const shown = (id) => ({ id, object: "model", created: CREATED, owned_by: "system" });
    if (name === undefined) return reply(200, { object: "list", data: Object.keys(openai.models).map(shown) });
    if (!(name in openai.models)) throw new Refused(404, `The model '${name}' does not exist`, { param: "model", code: "model_not_found" });
    return reply(200, shown(name));
  }

  function route(request) {
    const { method, url } = request;
    admit(request);
    const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : "";
    if (path === "/chat/completions" && method === "POST") return chat(request);
    if (path === "/embeddings" && method === "POST") return embeddings(request);
    const [, model] = /^\/models(?:\/(.+))?$/.exec(path) ?? [];
    if (/^\/models(\/|$)/.test(path) && method === "GET") return listed(model && decodeURIComponent(model));
    throw new Refused(path && method === "GET" ? 405 : 404, `Invalid URL (${method} ${url.pathname})`);
  }

  function obeyed(request) {
    try {
      return route(request);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return error.said;
    }
  }

  const server = await startServer({
    port,
    fault: (request) => {
      const failure = failures.fault(request);
      Object.assign(openai.requests.at(-1), { headers: request.headers, body: request.raw.toString() });
      return failure;
    },
    answer: async (request) => {
      if (openai.latency > 0) await sleep(openai.latency);
      return failures.answered(request, () => obeyed(request), ({ status, message }) => new Refused(status, message, { type: "server_error" }).said);
    },
  });

  return Object.assign(openai, {
    base: server.base, url: `${server.base}${prefix}`,
    /** Holds back the last piece of each stream that begins from now on; gives what releases them. */
    hold() {
      let release;
      openai.held = new Promise((resolve) => (release = resolve));
      return release;
    },
    /** What is answered next, one after the other; without any, "I do not know." */
    say: (...answers) => void openai.answers.push(...answers),
    /**
     * Fails the next `times` requests: "401", "404", "429", "quota", "500", "503" (with `retryAfter` where given),
     * "hang", "reset", "html" (502), "truncated"; or spoils answers: "cut-stream", "error-in-stream", "no-done";
     * "fewer" vectors than inputs, "reordered" (the index tells), "dimension" (one more), "not-finite".
     */
    fail(kind, { times = 1, retryAfter } = {}) {
      if (SPOILT.includes(kind)) return void spoilt.push({ kind, times });
      const failure = FAILURES[kind]?.(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }) ?? kind;
      return failures.fail(() => true, typeof failure === "object" ? { status: failure.status, body: failure.body, headers: failure.headers } : failure, times);
    },
    reset() {
      failures.clear();
      spoilt = [];
      Object.assign(openai, { unstreamed: false, held: null, left: 0 });
      for (const list of [openai.requests, openai.prompts, openai.embedded, openai.answers]) list.length = 0;
    },
    stop: server.stop, restart: server.restart,
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const openai = await startOpenAi({ port: portArgument() });
  console.log(`base_url ${openai.url}\napi_key ${openai.apiKey}`);
  printed(openai.prompts);
}
