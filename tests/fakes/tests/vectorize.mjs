// The fake of Vectorize.

import assert from "node:assert/strict";
import test from "node:test";
import { startVectorize } from "../vectorize.mjs";
import { answersEach, bearer, calling, up } from "./support.mjs";

const started = (options) => up(startVectorize({ dimensions: 2, ...options }));
const post = ({ url, token }, path, json, headers = bearer(token)) => calling(`${url}/${path}`, { headers, json });
const upsert = async ({ url, token }, vectors, type = "application/x-ndjson") => {
  const body = vectors.map((vector) => JSON.stringify(vector)).join("\n");
  const response = await fetch(`${url}/upsert`, { method: "POST", headers: { ...bearer(token), "content-type": type }, body });
  return { status: response.status, said: await response.json() };
};
const vector = (id, values, namespace) => ({ id, values, ...(namespace && { namespace }) });
const codeOf = ({ status, said }) => [status, said.errors[0]?.code];

test("the nearest of a namespace come first, and ids are the index's", async () => {
  const index = await started();
  const { status, said } = await upsert(index, [vector("a", [1, 0], "x"), vector("b", [1, 1], "x"), vector("c", [1, 0], "y")]);
  assert.deepEqual([status, said.success, said.result.mutationId.length], [200, true, 36]);
  const near = await post(index, "query", { vector: [2, 0], namespace: "x", topK: 100 });
  assert.deepEqual(near.said.result.matches.map(({ id, score }) => [id, Math.round(score * 100)]), [["a", 100], ["b", 71]]);
  await upsert(index, [vector("a", [0, 1], "y")]);
  const got = await post(index, "get_by_ids", { ids: ["a", "gone"] });
  assert.deepEqual(got.said.result.map(({ id, values, namespace }) => [id, values, namespace]), [["a", [0, 1], "y"]]);
  assert.equal((await post(index, "delete_by_ids", { ids: ["a", "gone"] })).status, 200);
  assert.deepEqual((await post(index, "get_by_ids", { ids: ["a"] })).said.result, []);
});

test("mutations are taken at once and done later, in their order", async () => {
  const index = await started({ delay: null });
  const { said } = await upsert(index, [vector("a", [1, 0])]);
  await post(index, "delete_by_ids", { ids: ["a"] });
  await upsert(index, [vector("b", [1, 0])]);
  const count = async () => (await calling(`${index.url}/info`, { method: "GET", headers: bearer(index.token) })).said.result;
  assert.deepEqual([(await count()).vectorCount, (await count()).processedUpToMutation], [0, null]);
  index.process();
  assert.deepEqual([...index.vectors.keys()], ["b"]);
  assert.notEqual((await count()).processedUpToMutation, said.result.mutationId);
});

test("requests are closed, and have limits", async () => {
  const index = await started();
  const many = (count) => Array.from({ length: count }, (_, at) => String(at));
  await answersEach((path, body) => post(index, path, body), codeOf, [
    ["an unknown field", [400, 1003], "query", { vector: [1, 0], k: 1 }],
    ["another dimension", [400, 40012], "query", { vector: [1, 0, 0] }],
    ["too many of the nearest", [400, 40025], "query", { vector: [1, 0], topK: 101 }],
    ["too many with values", [400, 40025], "query", { vector: [1, 0], topK: 51, returnValues: true }],
    ["a boolean for metadata", [400, 1003], "query", { vector: [1, 0], returnMetadata: true }],
    ["too many to remove", [400, 40007], "delete_by_ids", { ids: many(101) }],
    ["too many to get", [400, 40007], "get_by_ids", { ids: many(21) }],
    ["no list", [400, 1003], "get_by_ids", { ids: "a" }],
    ["another operation", [405, 10405], "purge", {}],
  ]);
  await answersEach((vectors, type) => upsert(index, vectors, type), codeOf, [
    ["no ndjson", [400, 1003], [vector("a", [1, 0])], "application/json"],
    ["a long id", [400, 40008], [vector("a".repeat(65), [1, 0])]],
    ["a long namespace", [400, 40014], [vector("a", [1, 0], "n".repeat(65))]],
    ["an unknown field", [400, 1003], [{ ...vector("a", [1, 0]), score: 1 }]],
    ["text for a number", [400, 1003], [vector("a", [1, "0"])]],
    ["too many", [400, 40009], many(5001).map((id) => vector(id, [1, 0]))],
  ]);
  assert.equal(index.vectors.size, 0);
});

test("the token, the account and the index are checked", async () => {
  const index = await started();
  const ask = (url, headers) => calling(`${url}/query`, { headers, json: { vector: [1, 0] } });
  await answersEach(ask, codeOf, [
    ["no token", [400, 9106], index.url, {}],
    ["another token", [401, 10000], index.url, bearer("other")],
    ["another account", [403, 10000], index.url.replace(index.account, "other"), bearer(index.token)],
    ["another index", [404, 3000], index.url.replace(index.index, "other"), bearer(index.token)],
  ]);
});

test("it fails on command, before a request is obeyed and after", async () => {
  const index = await started();
  index.fail("429", { retryAfter: 7 });
  const limited = await post(index, "query", { vector: [1, 0] });
  assert.deepEqual([limited.status, limited.headers.get("retry-after")], [429, "7"]);
  index.fail("error-after", { path: "upsert" });
  assert.equal((await upsert(index, [vector("a", [1, 0])])).status, 500);
  assert.equal((await post(index, "query", { vector: [1, 0] })).said.result.count, 1);
  index.fail("reset");
  await assert.rejects(post(index, "query", { vector: [1, 0] }));
});
