// The API behind the page. The token is held here, in memory, and nowhere else.

import { ApiError, UNREACHED, refusalOf, request } from "../http.js";

const PATH = "/embed/api/";
/** Longer than the server waits for two answers of a model. */
const MODEL_SECONDS = 65;

/** The calls of the page; `over` is called once, when the session is over. */
export function createApi(token, over) {
  let ended = false;

  function refusal(status, body) {
    if (status === 401 && !ended) {
      ended = true;
      over();
    }
    return refusalOf(status, body);
  }

  /** What the last event tells; `hear(name, data)` is given those before it. An answer that breaks off is "broken". */
  async function told(body, hear) {
    const { eventsOf } = await import("./events.js");
    for await (const { name, data } of eventsOf(body)) {
      if (name === "error") throw refusal(503, data);
      if (name === "done") return data;
      hear(name, data);
    }
    throw new ApiError(0, "broken", UNREACHED);
  }

  async function call(method, path, { headers, hear, ...rest } = {}) {
    if (ended) throw new ApiError(401, "session_over", "The session is over.");
    const isStream = (response) => response.ok && /^text\/event-stream/.test(response.headers.get("content-type"));
    return request(method, PATH + path, {
      ...rest,
      headers: { authorization: `Bearer ${token}`, ...headers },
      credentials: "omit",
      refused: refusal,
      ...(hear && { read: (response) => (isStream(response) ? told(response.body, hear) : undefined) }),
    });
  }

  /** A draft: `hear(text)` is given its pieces where the server streams. One that breaks off is asked for as a whole. */
  async function suggest(conversation_id, { signal, hear }) {
    const ask = (accept, more) => call("POST", "suggest-reply", { body: { conversation_id }, headers: { accept }, signal, ...more });
    try {
      return await ask("text/event-stream, application/json", { hear: (name, data) => name === "delta" && hear(data.text), seconds: MODEL_SECONDS });
    } catch (error) {
      if (error.code !== "broken") throw error;
      return ask("application/json", { seconds: MODEL_SECONDS });
    }
  }

  return {
    conversations: (query, signal) => call("GET", "conversations", { query, signal }),
    conversation: (id, before, signal) => call("GET", "conversation", { query: { id, before, limit: 50 }, signal }),
    // Held for up to 25 s by the server.
    changes: (after, signal) => call("GET", "changes", { query: { after }, signal, seconds: 40 }),
    read: (conversation_id, message_id) => call("POST", "read", { body: { conversation_id, message_id } }),
    // Longer than the server waits for a provider.
    send: (body, key) => call("POST", "messages", { body, headers: { "idempotency-key": key }, seconds: 45 }),
    update: (conversation_id, changes) => call("PATCH", "conversation", { body: { conversation_id, ...changes } }),
    assignees: (q, signal) => call("GET", "assignees", { query: { q }, signal }),
    note: (conversation_id, content) => call("POST", "notes", { body: { conversation_id, content } }),
    contact: (conversation_id, message_id, address) => call("POST", "contact", { body: { conversation_id, message_id, address } }),
    suggest,
    // Longer than the server waits for a provider.
    comment: (message_id, action, text) => call("POST", "comments", { body: { message_id, action, text }, seconds: 45 }),
    templates: (conversation_id, signal) => call("GET", "templates", { query: { conversation_id }, signal }),
    upload: (file, progress) => upload(PATH + "attachments", token, file, progress, refusal),
  };
}

// fetch tells nothing of how much is sent; XMLHttpRequest does.
function upload(url, token, file, progress, refusal) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open("POST", url);
    request.responseType = "json";
    request.timeout = 180_000;
    request.setRequestHeader("authorization", `Bearer ${token}`);
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      const attachment = request.response?.attachment;
      if (request.status >= 200 && request.status < 300 && attachment) resolve(attachment);
      else reject(refusal(request.status, request.response));
    };
    request.onerror = request.ontimeout = () => reject(new ApiError(0, "unreachable", UNREACHED));
    request.onabort = () => reject(new ApiError(0, "aborted", "Removed."));
  });
  const form = new FormData();
  form.append("file", file, file.name);
  request.send(form);
  return { done, abort: () => request.abort() };
}
