// What the tests of the fake Kustomer share.

import { startKustomer } from "../kustomer.mjs";
import { bearer, calling, up } from "./support.mjs";

export const ADA = { name: "Ada Test", externalId: "chat:42", emails: [{ email: "ada@example.org", type: "home" }], phones: [{ phone: "+4915100000000", type: "mobile" }] };

/** Starts one, with `api(method, path, json, headers)` that has our key, and with `ada` and her `thread`. */
export async function startedKustomer(options) {
  const kustomer = await up(startKustomer(options));
  const api = (method, path, json, headers = {}) => calling(`${kustomer.base}/v1/${path}`, { method, json, headers: { ...bearer(kustomer.apiKey), ...headers } });
  /** The id of what is made. */
  const made = async (path, json) => {
    const { status, said } = await api("POST", path, json);
    if (status !== 201) throw new Error(`POST ${path}: ${status} ${JSON.stringify(said)}`);
    return said.data.id;
  };
  const ada = await made("customers", ADA);
  const thread = await made("conversations", { customer: ada, externalId: "chat:42:7", name: "Chat #7" });
  return { kustomer, api, made, ada, thread };
}

export const said = (text, more = {}) => ({ channel: "whatsapp", app: "tieline", direction: "in", preview: text, ...more });

/** The status, and where the first error says it is. */
export const whereOf = ({ status, said: { errors } = {} }) => {
  const { source, meta } = errors?.[0] ?? {};
  return [status, source?.pointer ?? meta?.pointer].filter((part) => part !== undefined);
};
