// The requests that an OpenAI-compatible server takes, and its errors.
//
// Source: openai/openai-openapi, openapi.yaml of 21 August 2026 (CreateChatCompletionRequest, CreateEmbeddingRequest,
// Error, ErrorResponse); platform.openai.com/docs/guides/error-codes for codes and types.

import { reply } from "./server.mjs";

/** An error in the envelope { error: { message, type, param, code } }. */
export class Refused extends Error {
  constructor(status, message, { type = "invalid_request_error", param = null, code = null, headers = {} } = {}) {
    super(message);
    this.said = reply(status, { error: { message, type, param, code } }, headers);
  }
}

const CHAT = [
  "messages", "model", "store", "reasoning_effort", "metadata", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs", "max_tokens", "max_completion_tokens", "n",
  "modalities", "prediction", "audio", "presence_penalty", "response_format", "seed", "service_tier", "stop", "stream", "stream_options", "temperature", "top_p", "tools",
  "tool_choice", "parallel_tool_calls", "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "web_search_options", "verbosity",
  "moderation", "function_call", "functions",
];
const EMBEDDINGS = ["input", "model", "encoding_format", "dimensions", "user"];
const NUMBERS = { temperature: [0, 2], top_p: [0, 1], frequency_penalty: [-2, 2], presence_penalty: [-2, 2], n: [1, 128], top_logprobs: [0, 20], max_tokens: [1, 1e6], max_completion_tokens: [1, 1e6] };
const WHOLE = ["n", "top_logprobs", "max_tokens", "max_completion_tokens", "seed"];
const BOOLEANS = ["store", "logprobs", "stream", "parallel_tool_calls"];
const MESSAGES = {
  developer: ["role", "content", "name"], system: ["role", "content", "name"], user: ["role", "content", "name"],
  assistant: ["role", "content", "name", "refusal", "audio", "tool_calls", "function_call"], tool: ["role", "content", "tool_call_id"], function: ["role", "content", "name"],
};
const PARTS = { text: ["type", "text", "prompt_cache_breakpoint"], image_url: ["type", "image_url"], input_audio: ["type", "input_audio"], file: ["type", "file"], refusal: ["type", "refusal"] };
const FORMATS = { text: ["type"], json_object: ["type"], json_schema: ["type", "json_schema"] };

const unknown = (param) => new Refused(400, `Unknown parameter: '${param}'.`, { param, code: "unknown_parameter" });
const missing = (param) => new Refused(400, `Missing required parameter: '${param}'.`, { param, code: "missing_required_parameter" });
const badType = (param, wanted) => new Refused(400, `Invalid type for '${param}': expected ${wanted}.`, { param, code: "invalid_type" });
const badValue = (param, words) => new Refused(400, `Invalid value for '${param}': ${words}.`, { param, code: "invalid_value" });
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function closed(object, allowed, where) {
  if (!isObject(object)) throw badType(where, "an object");
  const other = Object.keys(object).find((name) => !allowed.includes(name));
  if (other !== undefined) throw unknown(where ? `${where}.${other}` : other);
}

function checkContent(content, where, isOptional) {
  if (isOptional && (content === undefined || content === null)) return;
  if (content === undefined) throw missing(where);
  if (typeof content === "string") return;
  if (!Array.isArray(content) || content.length === 0) throw badType(where, "one of a string or array of objects");
  content.forEach((part, at) => {
    const fields = PARTS[part?.type];
    if (!fields) throw badValue(`${where}[${at}].type`, `supported values are: ${Object.keys(PARTS).join(", ")}`);
    closed(part, fields, `${where}[${at}]`);
    if (part.type === "text" && typeof part.text !== "string") throw badType(`${where}[${at}].text`, "a string");
  });
}

/** The body as an object of JSON. */
export function bodyOf(raw) {
  let body;
  try {
    body = JSON.parse(raw);
  } catch {
    throw new Refused(400, "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)");
  }
  if (!isObject(body)) throw new Refused(400, "Invalid body: expected an object.");
  return body;
}

export function checkChat(body) {
  closed(body, CHAT, "");
  if (body.model === undefined) throw new Refused(400, "you must provide a model parameter");
  if (typeof body.model !== "string") throw badType("model", "a string");
  if (body.messages === undefined) throw missing("messages");
  if (!Array.isArray(body.messages)) throw badType("messages", "an array of objects");
  if (body.messages.length === 0) throw new Refused(400, "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", { param: "messages", code: "empty_array" });
  body.messages.forEach((message, at) => {
    const where = `messages[${at}]`;
    if (!isObject(message)) throw badType(where, "an object");
    if (message.role === undefined) throw missing(`${where}.role`);
    const fields = MESSAGES[message.role];
    if (!fields) throw badValue(`${where}.role`, `supported values are: ${Object.keys(MESSAGES).join(", ")}`);
    closed(message, fields, where);
    checkContent(message.content, `${where}.content`, message.role === "assistant");
    if (message.role === "tool" && typeof message.tool_call_id !== "string") throw missing(`${where}.tool_call_id`);
  });
  for (const [name, [least, most]] of Object.entries(NUMBERS)) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== "number" || (WHOLE.includes(name) && !Number.isInteger(value))) throw badType(name, WHOLE.includes(name) ? "an integer" : "a decimal number");
    if (value < least || value > most) throw badValue(name, `expected a value from ${least} to ${most}`);
  }
  for (const name of BOOLEANS) if (body[name] !== undefined && body[name] !== null && typeof body[name] !== "boolean") throw badType(name, "a boolean");
  if (body.max_tokens != null && body.max_completion_tokens != null) throw new Refused(400, "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", { param: "max_tokens", code: "invalid_parameter_combination" });
  if (body.stream_options != null) {
    closed(body.stream_options, ["include_usage", "include_obfuscation"], "stream_options");
    if (body.stream !== true) throw new Refused(400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", { param: "stream_options" });
  }
  if (body.response_format !== undefined) {
    const fields = FORMATS[body.response_format?.type];
    if (!fields) throw badValue("response_format.type", `supported values are: ${Object.keys(FORMATS).join(", ")}`);
    closed(body.response_format, fields, "response_format");
  }
}

/** Checks a request for embeddings; gives its inputs as texts. Lists of tokens are inputs of their own. */
export function embeddingInputs(body) {
  closed(body, EMBEDDINGS, "");
  const { model, input, encoding_format: format, dimensions } = body;
  if (model === undefined) throw new Refused(400, "you must provide a model parameter");
  if (typeof model !== "string") throw badType("model", "a string");
  if (input === undefined) throw missing("input");
  if (format !== undefined && !["float", "base64"].includes(format)) throw badValue("encoding_format", "supported values are: float, base64");
  if (dimensions !== undefined && !(Number.isInteger(dimensions) && dimensions >= 1)) throw badValue("dimensions", "expected an integer of 1 or more");
  const refuse = () => new Refused(400, "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.");
  const isTokens = (value) => Array.isArray(value) && value.length > 0 && value.every(Number.isInteger);
  const inputs = typeof input === "string" || isTokens(input) ? [input] : input;
  if (!Array.isArray(inputs) || inputs.length === 0) throw refuse();
  if (inputs.length > 2048) throw new Refused(400, `Invalid 'input': array too long. Expected an array with maximum length 2048, but got an array with length ${inputs.length} instead.`, { param: "input", code: "array_above_max_length" });
  if (!inputs.every((item) => (typeof item === "string" && item !== "") || isTokens(item))) throw refuse();
  return inputs.map((item) => (typeof item === "string" ? item : item.join(" ")));
}
