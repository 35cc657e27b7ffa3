// A business with messages: its account and its customers over the API, its messages by SQL.

import { createHmac } from "node:crypto";
import { businessOf, emptyForFloor, settings } from "./business.mjs";

/** Messages of a seeded conversation. */
export const THREAD = 50;
/** Every so many messages have an attachment. */
const WITH_ATTACHMENT = 10;
const CUSTOMERS = 1_000;
const CHUNK = 100;
const APP_SECRET = "an-app-secret-that-only-the-bench-knows";

// ?1 business, ?2 [[conversation id, customer id, status], …], ?3 channel, ?4 time of the first
// message, ?5 number of the first conversation, ?6 how many conversations in all, ?7 messages of each.
const CONVERSATIONS = `INSERT INTO conversations (business_id, id, customer_id, channel_id, channel,
    status, message_count, last_message_at, last_inbound_at, closed_at, created_at, updated_at)
  SELECT ?1, r.value ->> 0, r.value ->> 1, ?3, 'whatsapp', r.value ->> 2, ?7,
    ?4 + ((?7 - 1) * ?6 + ?5 + r.key) * 1000, unixepoch() * 1000000,
    CASE r.value ->> 2 WHEN 'closed' THEN ?4 END, ?4, ?4
  FROM json_each(?2) r`;

// The nth messages of all conversations come before the next ones, as in a business with many at once.
const MESSAGES = `WITH RECURSIVE turn (j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM turn WHERE j < ?7 - 1)
  INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id, channel_id, channel,
    direction, type, content, status, provider_id, sent_at, delivered_at, read_at, updated_at)
  SELECT ?1, ?4 + n * 1000, printf('018f0000-%04x-7000-8000-%012x', n % 65536, n), r.value ->> 0,
    r.value ->> 1, ?3, 'whatsapp', iif(j % 2, 'outbound', 'inbound'), 'text',
    'Message ' || n || ': could you look at the order from last week? It came without its cables.',
    iif(j % 2, 'read', 'received'), 'wamid.SEED' || n, ?4 + n * 1000,
    iif(j % 2, ?4 + n * 1000, NULL), iif(j % 2, ?4 + n * 1000, NULL), ?4
  FROM (SELECT j, r.value AS value, j * ?6 + ?5 + r.key AS n FROM turn CROSS JOIN json_each(?2) r) r`;

// ?1 business, ?2 how often, ?3 messages in all: an attachment's id is unique everywhere.
const ATTACHMENTS = `INSERT INTO attachments (business_id, id, message_id, state, filename, type, size,
    sha256, created_at)
  SELECT ?1, printf('018f1%03x', ?3 / 1000) || substr(id, 9), id, 'ready', 'photo.jpg', 'image/jpeg', 183441,
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', created_at
  FROM messages WHERE business_id = ?1 AND created_at % (?2 * 1000) = 0`;

/**
 * A business of a thousand customers with `count` messages, in conversations of THREAD each. `first`
 * is when the first was, in microseconds; the nth is n milliseconds later. `signed` makes a delivery
 * of the provider's from its message.
 */
export async function businessWithMessages(stack, count, platformToken, say) {
  const business = await businessOf(stack, CUSTOMERS, platformToken, () => {});
  const phoneNumberId = `bench-${count}`;
  const channel = await whatsappAccount(stack.client, business, phoneNumberId);
  const { first, conversations } = await conversing(stack.database, business, { count, channelId: channel.id });
  for (const table of ["messages", "outbox"]) await emptyForFloor(stack.database, table);
  await stack.database.prepare(ATTACHMENTS).bind(business.id, WITH_ATTACHMENT, count).run();
  say(`Seeded ${count} messages`);
  return {
    ...business, messages: count, first, channel, phoneNumberId,
    customers: Math.min(CUSTOMERS, conversations),
    signed: (message) => signedBy(phoneNumberId, message),
  };
}

/** Gives a business of a thousand customers or more `count` messages, and when the first was. */
export async function conversing(database, business, { count, channelId }) {
  const first = Math.floor(Date.now() / 1000 - 86_400) * 1_000_000;
  const conversations = Math.ceil(count / THREAD);
  for (let from = 0; from < conversations; from += CHUNK) {
    const rows = Array.from({ length: Math.min(CHUNK, conversations - from) }, (_, n) => {
      const number = from + n;
      const id = `018f0002-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
      // One conversation of a customer is open at most: the last.
      const isLast = number + CUSTOMERS >= conversations;
      return [id, business.ids[number % CUSTOMERS], isLast ? "open" : "closed"];
    });
    const params = [business.id, JSON.stringify(rows), channelId, first, from, conversations, THREAD];
    await database.batch([CONVERSATIONS, MESSAGES].map((sql) => database.prepare(sql).bind(...params)));
  }
  return { first, conversations };
}

/** Connects a WhatsApp account of the bench's. */
export async function whatsappAccount(client, business, phoneNumberId) {
  const { channel } = await settings(client, business, "channels", {
    kind: "whatsapp",
    name: "Support",
    phone_number_id: phoneNumberId,
    waba_id: "102290129340398",
    display_phone_number: "+353 80 000 0000",
    credentials: { access_token: "a-token", app_secret: APP_SECRET, verify_token: `verify-${phoneNumberId}` },
  });
  return channel;
}

/** A delivery of one message, as Meta sends and signs it: { body, headers }. */
export function signedBy(phoneNumberId, { id, from, text }) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "353800000000", phone_number_id: phoneNumberId },
    contacts: [{ wa_id: from, user_id: `IE.${from}`, profile: { name: "Joe Bloggs" } }],
    messages: [{ id, from, from_user_id: `IE.${from}`, timestamp, type: "text", text: { body: text } }],
  };
  const entry = [{ id: "102290129340398", changes: [{ field: "messages", value }] }];
  const body = Buffer.from(JSON.stringify({ object: "whatsapp_business_account", entry }));
  const signature = createHmac("sha256", APP_SECRET).update(body).digest("hex");
  return { body, headers: { "x-hub-signature-256": `sha256=${signature}` } };
}
