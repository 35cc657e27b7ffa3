import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { checkedSecrets } from "./secrets.mjs";

const key = () => randomBytes(32).toString("base64");
const PLATFORM_TOKEN = randomBytes(32).toString("hex");

test("a printed MASTER_KEY is the ring, unless there is one", () => {
  const [first, second] = [key(), key()];
  assert.deepEqual(checkedSecrets({ PLATFORM_TOKEN, MASTER_KEY: first }), { PLATFORM_TOKEN, MASTER_KEYS: first });
  const ring = `${second}, ${first}`;
  assert.deepEqual(checkedSecrets({ MASTER_KEYS: ring, MASTER_KEY: key() }), { MASTER_KEYS: ring });
  assert.deepEqual(checkedSecrets({ PLATFORM_TOKEN }), { PLATFORM_TOKEN });
  const both = { PLATFORM_TOKEN: `${randomBytes(32).toString("hex")},${PLATFORM_TOKEN}` };
  assert.deepEqual(checkedSecrets(both), both);
});

test("a weak secret is refused and not shown", () => {
  const short = "a-token-of-23-characters".slice(1);
  for (const [secrets, expected] of [
    [{ PLATFORM_TOKEN: short }, /PLATFORM_TOKEN has 23 characters/],
    [{ PLATFORM_TOKEN: `${PLATFORM_TOKEN},${short}` }, /PLATFORM_TOKEN has 23 characters/],
    [{ PLATFORM_TOKEN: [PLATFORM_TOKEN, PLATFORM_TOKEN, PLATFORM_TOKEN].join() }, /over 2 tokens/],
    [{ MASTER_KEY: "password" }, /MASTER_KEY: key 1 is not 32 bytes/],
    [{ MASTER_KEYS: `${key()},${key().slice(4)}` }, /MASTER_KEYS: key 2 is not 32 bytes/],
    [{ MASTER_KEY: Buffer.alloc(32).toString("base64") }, /anybody guesses/],
    [{ MASTER_KEYS: Array.from({ length: 9 }, key).join() }, /over 8 keys/],
  ]) {
    assert.throws(() => checkedSecrets(secrets), (error) => {
      assert.match(error.message, expected);
      for (const secret of Object.values(secrets)) assert.ok(!error.message.includes(secret));
      return true;
    });
  }
});
