// What the tests of the fakes share.

import assert from "node:assert/strict";
import { after } from "node:test";
import { reply, startServer } from "../lib/server.mjs";

const started = [];
after(async () => {
  for (const fake of started.reverse()) await fake.stop();
});

/** Waits for a fake, and stops it at the end. */
export async function up(fake) {
  const running = await fake;
  started.push(running);
  return running;
}

/** Somebody's webhook: keeps what it gets, and answers with its `status`. */
export async function startSink() {
  const sink = { got: [], status: 200 };
  const answer = ({ url, headers, raw }) => {
    sink.got.push({ url, headers, raw: raw.toString() });
    return reply(sink.status, "");
  };
  return up(startServer({ answer }).then((server) => Object.assign(sink, server)));
}

/** A call; gives { status, said, headers }, `said` parsed where it is JSON. */
export async function calling(url, { method = "POST", headers = {}, json, form } = {}) {
  const type = json === undefined ? {} : { "content-type": "application/json" };
  const body = json === undefined ? form && new URLSearchParams(form) : JSON.stringify(json);
  const response = await fetch(url, { method, headers: { ...type, ...headers }, body, redirect: "manual" });
  const words = await response.text();
  let said = words;
  try {
    said = JSON.parse(words);
  } catch {
    // Not every answer is JSON.
  }
  return { status: response.status, said, headers: response.headers };
}

/** Sends each case, [what it is, what its answer's code is, ...what to send]. */
export async function answersEach(send, codeOf, cases) {
  for (const [what, expected, ...given] of cases) {
    const answer = await send(...given);
    assert.deepEqual(codeOf(answer), expected, `${what}: ${JSON.stringify(answer.said)}`);
  }
}

export const bearer = (token) => ({ authorization: `Bearer ${token}` });
