// The fake Krayin against everything that was recorded of a real one (Krayin 2.1.0, rest-api 2.1.1), in its order.
//
// In krayin-exchanges.json tokens are their numbers, the addresses that Krayin sends mail from are made up,
// pages of HTML end at their titles, and `server` says which of three it was: production (debug off),
// debug (on), kolkata (debug off, APP_TIMEZONE=Asia/Kolkata).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { startKrayin } from "../krayin.mjs";
import { up } from "./support.mjs";

const EXCHANGES = JSON.parse(readFileSync(new URL("../krayin-exchanges.json", import.meta.url)));
/** Where the recorded server's counters stood, so that ids of different kinds did not coincide. */
const IDS = { persons: 214, organizations: 57, leads: 981, activities: 4302, tags: 12 };

/**
 * Answers of which not the whole body is compared, with the reason. All others are equal but for tokens,
 * times of the mail's id, random names of files, the frames of traces, and the server's address.
 */
const BY_TITLE = new Map([13, 14, 299].map((number) => [number, "a page of the build's own scripts and styles; the fixture keeps it up to its title"]));

/** What the recorder did without recording it, before an exchange of this number. */
const UNRECORDED = new Map([
  // Users 2 to 4 were made and removed before the first one was recorded.
  [23, ({ ids }) => (ids.users = 5)],
  // Four leads, and log-ins of the administrator and of the individual user for the last checks.
  [309, ({ ids }) => (ids.leads = 998)],
]);

const MARK = /^([\s\S]*)…\[cut by the recorder; (\d+) characters in all\]$/;
/** A text that the recorder cut, whole again: all of these are one letter many times over. */
const whole = (value) => {
  const [, kept, length] = (typeof value === "string" && MARK.exec(value)) || [];
  return kept === undefined ? value : kept[0].repeat(Number(length));
};
const mapped = (value, change) => {
  if (Array.isArray(value)) return value.map((one) => mapped(one, change));
  if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapped(one, change)]));
  return change(value);
};

/** Texts that no request determines, by form. */
function formed(value) {
  if (typeof value !== "string") return value;
  return whole(value)
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, "<base>")
    .replace(/^\d+\|\w+$/, "<token>")
    .replace(/^(activities\/\d+\/)\w{40}(\.\w+)$/, "$1<random>$2")
    .replace(/\d{10}@example\.test/, "<time>@example.test");
}

function comparable(body, number) {
  if (BY_TITLE.has(number)) return /<title>(.*)<\/title>/.exec(body)[1];
  return mapped(body?.trace ? { ...body, trace: [] } : body, formed);
}

function requestOf({ method, headers = {}, body }, token) {
  const type = headers["content-type"] ?? (body === undefined ? undefined : "application/json");
  const sent = { "user-agent": "recorder", accept: "application/json", ...headers, ...(token && { authorization: `Bearer ${token}` }) };
  if (type !== "multipart/form-data") {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(mapped(body, whole));
    return { method, headers: { ...sent, ...(type && { "content-type": type }) }, body: text };
  }
  const form = new FormData();
  for (const field of body) {
    const [name, value] = field.split("=");
    if (value.startsWith("@")) form.append(name, new Blob(["transcript"], { type: "text/plain" }), "transcript.txt");
    else form.append(name, value);
  }
  delete sent["content-type"];
  return { method, headers: sent, body: form };
}

test("krayin_answers_every_recorded_request_as_the_real_one_did", async () => {
  const krayin = await up(startKrayin({ ids: IDS, now: Date.parse(EXCHANGES[0].at) }));
  const tokens = new Map();
  const users = new Map();
  /** Tokens whose log-in was not recorded are made here. */
  const tokenOf = ({ token, number }) => {
    if (token === undefined || token === "wrong") return token && "wrong";
    if (!tokens.has(token)) {
      const user = number === 317 ? 6 : 1;
      tokens.set(token, krayin.issueToken(user));
      users.set(token, user);
    }
    return tokens.get(token);
  };
  const failed = [];
  for (const exchange of EXCHANGES) {
    const { number, name, server, path, answer } = exchange;
    Object.assign(krayin, { debug: server === "debug", timeZone: server === "kolkata" ? "Asia/Kolkata" : "UTC", now: Date.parse(exchange.at) });
    UNRECORDED.get(number)?.(krayin);
    const token = tokenOf(exchange);
    const key = token ? `user ${users.get(exchange.token)}` : "address";
    // The recorder cleared the counter now and then.
    const { "x-ratelimit-remaining": remaining } = answer.headers ?? {};
    if (remaining === "59") krayin.throttle.clear(key);
    if (number === 304) {
      krayin.throttle.clear(key);
      for (let hits = 0; hits < 59; hits += 1) krayin.throttle.request(key);
    }
    const response = await fetch(`${krayin.base}${path}`, { ...requestOf(exchange, token), redirect: "manual" });
    const text = await response.text();
    const type = response.headers.get("content-type");
    const body = type.startsWith("application/json") ? JSON.parse(text) : text;
    if (path === "/api/v1/login" && response.status === 200) {
      const recorded = Number(answer.body.token.split("|")[0]);
      tokens.set(recorded, body.token);
      users.set(recorded, body.data.id);
    }
    const headers = Object.fromEntries(["x-ratelimit-limit", "x-ratelimit-remaining", "location"].map((header) => [header, response.headers.get(header)?.replace(krayin.base, "<base>")]));
    const expected = Object.fromEntries(Object.keys(headers).map((header) => [header, answer.headers?.[header]?.replace(/http:\/\/127\.0\.0\.1:\d+/, "<base>")]));
    try {
      assert.deepEqual([response.status, type.toLowerCase(), headers], [answer.status, answer.type.toLowerCase(), expected]);
      assert.deepEqual(comparable(body, number), comparable(answer.body, number));
      for (const header of ["retry-after", "x-ratelimit-reset"]) assert.match(`${header in (answer.headers ?? {}) ? response.headers.get(header) : 0}`, /^\d+$/);
    } catch (error) {
      failed.push(`${number} ${name}: ${error.message}`);
    }
  }
  assert.equal(EXCHANGES.length, 317);
  assert.deepEqual(krayin.surprises, []);
  assert.equal(failed.length, 0, failed.map((words) => words.slice(0, 1500)).join("\n"));
});
