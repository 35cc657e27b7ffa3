import assert from "node:assert/strict";
import { test } from "node:test";
import { startDns } from "../dns.mjs";

test("a_resolver_answers_in_json_with_the_parts_of_a_text_in_quotes", async () => {
  const dns = await startDns();
  dns.records.push({ name: "acme.example", text: "v=spf1 -all" }, { name: "acme.example", text: "x".repeat(300) });
  const ask = async (name, accept = "application/dns-json") => {
    const answer = await fetch(`${dns.base}?name=${name}&type=TXT`, { headers: { accept } });
    return answer.ok ? answer.json() : answer.status;
  };
  const known = await ask("ACME.example");
  assert.equal(known.Status, 0);
  assert.deepEqual(known.Answer.map(({ data }) => data), ['"v=spf1 -all"', `"${"x".repeat(255)}" "${"x".repeat(45)}"`]);
  const unknown = await ask("other.example");
  assert.deepEqual([unknown.Status, unknown.Answer], [3, undefined]);
  assert.equal(await ask("acme.example", "text/html"), 415);
  await dns.stop();
});
