// What the tests of the fake Chatwoot share.

import { startChatwoot } from "../chatwoot.mjs";
import { calling, startSink, up } from "./support.mjs";

export const ADA = { name: "Ada Test", email: "ada@example.org", phone_number: "+4915100000000", identifier: "user:42" };

/** Starts one, with `api(method, path, json, token)` in our account; the token is the administrator's. */
export async function startedChatwoot(options) {
  const chatwoot = await up(startChatwoot(options));
  const api = (method, path, json, token = chatwoot.token) =>
    calling(`${chatwoot.base}/api/v1/accounts/${chatwoot.accountId}${path && `/${path}`}`, { method, json, headers: { "api-access-token": token } });
  return { chatwoot, api, people: chatwoot.people };
}

/** One with a receiver of all its events; `events()` gives the parsed bodies so far. */
export async function listenedChatwoot(options) {
  const started = await startedChatwoot(options);
  const sink = await startSink();
  const webhook = started.chatwoot.addWebhook({ url: `${sink.base}/hook` });
  const events = async (name) => {
    await started.chatwoot.settled();
    const all = sink.got.map(({ raw }) => JSON.parse(raw));
    return name === undefined ? all : all.filter(({ event }) => event === name);
  };
  return { ...started, sink, webhook, events };
}

/** The status, and what an error says it is about. */
export const whyOf = ({ status, said }) => [status, ...[said?.attributes ?? said?.error].filter((part) => part !== undefined)];
export const statusOf = ({ status }) => status;
