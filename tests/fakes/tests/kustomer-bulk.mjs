import assert from "node:assert/strict";
import { test } from "node:test";
import { GUIDE_ROLES, ROLES } from "../kustomer.mjs";
import { said, startedKustomer, whereOf } from "./kustomer-support.mjs";
import { answersEach } from "./support.mjs";

const UNKNOWN = "0123456789abcdef01234567";

test("kustomer_does_bulk_requests_later_and_tells_of_each_item", async () => {
  const { kustomer, api, made, thread } = await startedKustomer({ bulkMillis: 0 });
  await made(`conversations/${thread}/messages`, said("There", { externalId: "m-1" }));
  const item = (n, more = {}) => said(`${n}`, { _clientRef: `r${n}`, conversation: thread, externalId: `m-${n}`, ...more });
  const { status, said: { data } } = await api("POST", "messages/bulk", [item(1), item(2), item(3, { preview: 3 }), item(4), item(5, { conversation: UNKNOWN })]);
  assert.deepEqual([status, data.type, data.attributes.status], [200, "bulk", "queued"]);
  assert.equal(kustomer.messages.length, 1);
  assert.equal((await api("GET", `bulk/${data.id}`)).said.data.attributes.status, "complete");
  const [{ attributes }] = (await api("GET", `bulk/${data.id}/batches`)).said.data;
  assert.deepEqual([attributes.successCount, attributes.failureCount, attributes.objectIds.length], [2, 3, 2]);
  const results = Object.fromEntries(attributes.results.map(({ _clientRef, status: how, error }) => [_clientRef, error ?? how]));
  assert.deepEqual([results.r1, results.r2, results.r4], ["duplicate detected", "created", "created"]);
  assert.match(results.r3, /preview/);
  assert.deepEqual(kustomer.messages.map(({ attributes: { preview } }) => preview), ["There", "4", "2"]);
  await answersEach((body) => api("POST", "messages/bulk", body), whereOf, [
    ["an object", [400, "/"], {}],
    ["nothing", [400, "/"], []],
    ["101", [400, "/"], Array.from({ length: 101 }, (_, n) => item(n + 10))],
    ["a word for some", [400, "/_clientRef"], [item(6), item(7, { _clientRef: undefined })]],
    ["a word twice", [400, "/_clientRef"], [item(6), item(7, { _clientRef: "r6" })]],
  ]);
  assert.equal((await api("GET", `bulk/${UNKNOWN}`)).status, 404);
});

test("a_bulk_job_of_kustomers_takes_its_time_and_a_role_to_read_it", async () => {
  const { kustomer, api, thread } = await startedKustomer({ bulkMillis: 60_000 });
  const { said: { data } } = await api("POST", "messages/bulk", [said("Hi", { conversation: thread })]);
  assert.equal((await api("GET", `bulk/${data.id}`)).said.data.attributes.status, "queued");
  assert.equal(kustomer.messages.length, 0);
  kustomer.roles = GUIDE_ROLES;
  assert.equal((await api("GET", `bulk/${data.id}`)).status, 403);
  kustomer.roles = ROLES;
  kustomer.bulkMillis = 0;
  const [{ attributes }] = (await api("GET", `bulk/${data.id}/batches`)).said.data;
  assert.deepEqual([attributes.objectIds.length, attributes.results], [1, undefined]);
});
