// The endpoints of conversations: their requests and those of their floors, as endpoints.mjs says.

import { THREAD } from "./conversing.mjs";
import { record } from "./records.mjs";

const BASE = "/functions/v1";
const SPREAD = 8;
const TEXT = "Your cables are on their way; they should be with you by Thursday.";

/** Their names, as in endpoints.mjs. */
export const ENDPOINTS = [
  "poll-100", "poll-100-attachments", "poll-1000", "poll-1000-attachments", `thread-${THREAD}`, "send",
  "receive",
];

/** The bars (performance.md, Bars). */
const READ = { bar: 0.65, mostCalls: 1 };
/** What was not stored before the provider is asked, or after, could be lost or sent twice. */
const SEND = { bar: 0.8, mostCalls: 3 };

let wamids = 0;

/** The nth delivery for a business: { body, headers }, from one who has a conversation. */
export function delivery(business, n, text = TEXT) {
  const { phone } = record("seed", (n * 7) % business.customers);
  return business.signed({ id: `wamid.BENCH${++wamids}`, from: phone.slice(1), text });
}

/** The nth delivery as a request to ours, and as one to the floor. */
export function receiving(business) {
  const post = (worker, path, more) => (n) => {
    const { body, headers } = delivery(business, n);
    return { worker, method: "POST", path: `${BASE}/${path}`, body, headers: { ...headers, ...more } };
  };
  return {
    ours: post("tieline-gateway", "webhook-meta"),
    floor: post("bench-floor", "receive", { business: business.id, channel: business.channel.id }),
  };
}

/** The endpoints, over a business of conversing.mjs and a provider that says yes. */
export function messageEndpoints(business, provider, connections) {
  const ours = (path, more) => ({
    worker: "tieline-gateway",
    path: BASE + path,
    ...more,
    headers: { "x-api-key": business.key },
  });
  const floor = (path, more, headers) => ({
    worker: "bench-floor",
    path: `${BASE}/${path}`,
    ...more,
    headers: { business: business.id, ...headers },
  });
  const nth = (list) => (n) => list[n % list.length];
  const both = (list) => ({ ours: nth(list.map((one) => one.ours)), floor: nth(list.map((one) => one.floor)) });
  const expect = (found, wanted) => {
    if (found !== wanted) throw new Error(`the answer holds ${found} instead of ${wanted}`);
  };

  const poll = (count, attachments) => {
    const spare = business.messages - count;
    const starts = Array.from({ length: SPREAD }, (_, n) => Math.floor((spare * n) / SPREAD));
    return {
      name: `poll-${count}${attachments ? "-attachments" : ""}`,
      function: "messages-since",
      ...READ,
      bar: count === 100 ? READ.bar : 0.8,
      ...both(
        starts.map((start) => {
          const after = business.first + start * 1000 - 1;
          const since = new Date(Math.floor(after / 1000)).toISOString().replace("Z", `${after % 1000}Z`);
          const more = attachments ? "&include_attachments=true" : "";
          return {
            ours: ours(`/api-messages-since?since=${since}&limit=${count}${more}`),
            floor: floor(`poll${attachments ? "-attachments" : ""}?${after}&${count}`),
          };
        }),
      ),
      connections,
      head: '{"messages":[{"id":"018f0000-',
      verify: ({ messages }) => {
        expect(messages.length, count);
        if (attachments) expect(messages.filter((one) => one.attachments.length > 0).length, count / 10);
      },
    };
  };

  const customers = Array.from({ length: business.customers }, (_, n) => record("seed", n).external_id);
  const send = (_, n) => {
    const json = { external_id: customers[n], channel: "whatsapp", content: TEXT };
    const asked = {
      messaging_product: "whatsapp", recipient_type: "individual", to: record("seed", n).phone,
      type: "text", text: { body: TEXT },
    };
    return {
      ours: ours("/api-send-message", { method: "POST", body: Buffer.from(JSON.stringify(json)) }),
      floor: floor(
        "send",
        { method: "POST", body: Buffer.from(JSON.stringify(asked)) },
        { channel: business.channel.id, provider: `${provider}/v25.0/${business.phoneNumberId}/messages` },
      ),
    };
  };

  return [
    poll(100, false),
    poll(100, true),
    poll(1000, false),
    poll(1000, true),
    {
      name: `thread-${THREAD}`,
      function: "conversations-by-customer",
      ...READ,
      bar: 0.8,
      ...both(
        customers.slice(0, 500).map((id) => ({
          ours: ours(`/api-conversations-by-customer?external_id=${id}&include_messages=true&limit=1`),
          floor: floor(`thread?${id}`),
        })),
      ),
      connections,
      head: '{"customer":{',
      verify: ({ conversations }) => expect(conversations[0].messages.length, THREAD),
    },
    {
      name: "send",
      function: "send-message",
      ...SEND,
      ...both(Array.from({ length: business.customers }, send)),
      connections,
      head: '"success":true',
      verify: ({ message }) => expect(message.status, "sent"),
    },
    {
      name: "receive",
      function: "webhook-meta",
      ...READ,
      bar: 0.67,
      ...receiving(business),
      connections,
      head: '"received":1,',
      verify: ({ received }) => expect(received, 1),
    },
  ];
}
