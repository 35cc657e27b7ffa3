// What an inbound text costs in D1 once it was delivered.
//
// The size that D1 tells counts free pages, which the next texts use first. So a first round fills the
// database, its sweep makes room, and the growth over the rounds after it is what is kept.

import { setTimeout as sleep } from "node:timers/promises";
import { settings } from "./business.mjs";
import { businessWithMessages } from "./conversing.mjs";
import { delivery, receiving } from "./message-endpoints.mjs";

const TEXTS = 1_000;
const PATIENCE_MS = 120_000;
/** Bytes of D1 for each text (retention.md, What it costs). */
export const BAR_BYTES = 2_500;

/** Gives { name, bytes, bar, ok }. */
export async function kept(stack, { platformToken, messages, rounds, say }) {
  const business = await businessWithMessages(stack, messages, platformToken, say);
  await settings(stack.client, business, "webhooks", {
    name: "Bench", url: `${stack.outside.url}/crm`, events: ["message.received"],
  });
  const one = async (sql, ...params) => stack.database.prepare(sql).bind(...params).first("n");
  const size = async () => (await stack.database.prepare("SELECT 1 AS n").run()).meta.size_after;
  let sent = 0;
  const round = async () => {
    const request = receiving(business).ours(0);
    for (let n = 0; n < TEXTS; n++, sent++) {
      const { body, headers } = delivery(business, sent, `Kept ${sent}: where is my order from last week?`);
      const { status, head } = await stack.client.call({ ...request, body, headers });
      if (status !== 200) throw new Error(`${status} ${head}`);
    }
    // The sweep looks at the business again in its next minute, which here are two seconds.
    const left = `SELECT count(*) AS n FROM outbox WHERE business_id = ?1 AND body IS NOT NULL`;
    const delivered = `SELECT count(*) AS n FROM deliveries WHERE business_id = ?1 AND status = 'delivered'`;
    const started = performance.now();
    while ((await one(delivered, business.id)) < sent || (await one(left, business.id)) > 0) {
      if (performance.now() - started > PATIENCE_MS) throw new Error("bodies of delivered events were left");
      await stack.database.prepare("UPDATE businesses SET sweep_at = 0 WHERE id = ?1").bind(business.id).run();
      await sleep(500);
    }
  };
  await round();
  const before = await size();
  for (let n = 0; n < rounds; n++) await round();
  const bytes = ((await size()) - before) / (rounds * TEXTS);
  return { name: "kept of a text", bytes, bar: BAR_BYTES, ok: bytes <= BAR_BYTES };
}
