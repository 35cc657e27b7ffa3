// One call of our API, and what may come of it.

/** What the server refused, or why it was not reached. `status` 0: not reached. */
export class ApiError extends Error {
  constructor(status, code, message, details) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }

  /** Whether the same request may well succeed later. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** What is said where nobody answers. */
export const UNREACHED = "The server cannot be reached.";

/** The error that an answer of another status than 2xx is. */
export function refusalOf(status, body) {
  const said = typeof body?.error === "string" ? body.error : body?.error?.message;
  return new ApiError(status, body?.code ?? "unknown", said || `The server answered ${status}.`, body?.details);
}

/**
 * Calls; gives the JSON of the answer, or null for one without a body. Throws an ApiError, or what `signal` aborts with.
 * `refused(status, body)` makes the error; `read(response)` reads an answer of its own kind and gives undefined for others.
 */
export async function request(method, url, { query, body, headers, credentials, signal, seconds = 20, refused = refusalOf, read } = {}) {
  const limit = AbortSignal.timeout(seconds * 1000);
  const isPlain = body === undefined || body instanceof Blob;
  let response;
  let answer;
  let isReading = false;
  try {
    response = await fetch(url + search(query), {
      method,
      body: isPlain ? body : JSON.stringify(body),
      headers: { ...(!isPlain && { "content-type": "application/json" }), ...headers },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      credentials,
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
    isReading = true;
    answer = await read?.(response);
    if (answer === undefined) answer = response.status === 204 ? null : await json(response);
  } catch (error) {
    if (signal?.aborted || error instanceof ApiError) throw error;
    throw new ApiError(0, error.name === "TimeoutError" ? "timeout" : isReading ? "broken" : "unreachable", UNREACHED);
  }
  if (!response.ok) throw refused(response.status, answer);
  if (answer === undefined) throw new ApiError(502, "unreadable", "The server's answer cannot be read.");
  return answer;
}

async function json(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name !== "SyntaxError") throw error;
    return undefined;
  }
}

/** The query of an address; what is not given is left out. */
export function search(query) {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}
