// How long a large business takes to be moved to another database, and for how long it is closed; and that its rows are the same.

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { TABLES, deployment, digestsOf, tieline } from "./backup.mjs";
import { PLATFORM_TOKEN, businessOf } from "./business.mjs";
import { conversing } from "./conversing.mjs";

/** Seconds for 100,000 customers and 100,000 messages: as long as their backup may take. */
const BAR_SECONDS = 300;

/** Gives { rows: [{ what, seconds, bar, ok }], differing: [table] }. */
export async function move({ customers, messages, say }) {
  const folder = mkdtempSync(path.join(tmpdir(), "tieline-move-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const stack = await deployment(folder, randomBytes(32).toString("base64"), 2);
  const [there, here] = stack.databases;
  const business = await businessOf(stack, customers, PLATFORM_TOKEN, say);
  await conversing(here, business, { count: messages, channelId: "a-channel" });
  say(`Seeded ${messages.toLocaleString("en")} messages`);
  // Compiles it, where that was not done.
  await tieline(stack, ["--help"]);
  const before = await digestsOf(here, business.id);
  const { seconds, printed } = await tieline(stack, ["business", "move", business.id, "--to", "0", "--json"]);
  const { closed_ms } = JSON.parse(printed);
  const after = await digestsOf(there, business.id);
  await stack.stop();
  const row = (what, seconds) => ({ what, seconds, bar: BAR_SECONDS, ok: seconds <= BAR_SECONDS });
  const rows = [row("move", seconds), row("of it closed", closed_ms / 1000)];
  return { rows, differing: TABLES.filter((table) => before[table] !== after[table]) };
}
