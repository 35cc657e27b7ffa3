// Failures of a fake on command, and the list of what was asked of it.

import { reply } from "./server.mjs";

const HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
/** Nobody is answered; the rest of these is done by the server. */
const UNANSWERED = ["hang", "reset", "hang-after", "reset-after"];
const KNOWN = [...UNANSWERED, "error-after", "truncated", "html"];

/** A matcher from a method and a path, in which a star stands for one segment. */
function matcherOf(matcher) {
  if (typeof matcher === "function") return matcher;
  const [method, path] = matcher.split(" ");
  const escaped = path.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]+");
  return (ofRequest, itsPath) => ofRequest === method && new RegExp(`^${escaped}$`).test(itsPath);
}

/** The failures; each request is put down in `requests` as { method, path, query, status, at }. */
export function failuresOf(requests) {
  let rules = [];
  const entries = new WeakMap();

  /** What the server fails by itself; the request is put down. */
  function fault(request) {
    const { method, url } = request;
    const rule = rules.find(({ matches }) => matches(method, url.pathname));
    if (rule && (rule.times -= 1) <= 0) rules = rules.filter((other) => other !== rule);
    const failure = rule?.failure;
    const entry = { method, path: url.pathname, query: url.search, status: UNANSWERED.includes(failure) ? 0 : undefined, at: Date.now(), ...(failure && { failure }) };
    requests.push(entry);
    entries.set(request, entry);
    return UNANSWERED.includes(failure) ? failure : undefined;
  }

  function failed(failure, obey, shaped) {
    if (failure === "html") return reply(502, HTML, { "content-type": "text/html" });
    if (typeof failure === "object") {
      const { status, body, headers } = failure;
      return body === undefined ? shaped({ status, code: "failed", message: "failed on command", headers }) : reply(status, body, headers);
    }
    const said = obey();
    if (failure === "error-after") return shaped({ status: 500, code: "internal_error", message: "failed on command, after the write" });
    if (failure !== "truncated") return said;
    const whole = JSON.stringify(said.body ?? {});
    return reply(said.status, whole.slice(0, whole.length / 2), { ...said.headers, "content-type": "application/json" });
  }

  return {
    fault,
    /** Answers a request as it was commanded, or as `obey` does. */
    answered(request, obey, shaped) {
      const entry = entries.get(request);
      const said = failed(entry.failure, obey, shaped);
      entry.status ??= said.status;
      return said;
    },
    /**
     * Fails the next `times` requests that match: a function of method and path, or a string as
     * "POST /v1/conversations/x/messages" in which a star stands for one segment. Failures:
     * { status, body, headers }; "hang", "reset", and "html" (a gateway's 502) before anything is done;
     * "hang-after", "reset-after", "error-after" (500) and "truncated" (half of the answer) once it is.
     * Gives what ends it before its time.
     */
    fail(matcher, failure, times = 1) {
      if (typeof failure !== "object" && !KNOWN.includes(failure)) throw new Error(`unknown failure ${failure}`);
      const rule = { matches: matcherOf(matcher), failure, times };
      rules.push(rule);
      return () => void (rules = rules.filter((other) => other !== rule));
    },
    clear: () => void (rules = []),
  };
}
