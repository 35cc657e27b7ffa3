// scripts/dev on a state of its own, and a WhatsApp account and an endpoint set up in it as an
// administrator would.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Starts the stack; `kill` ends it at once, with all it started. */
export async function startTieline(state, vars = {}, { databases = 1 } = {}) {
  const args = ["--port", "0", "--state", state];
  if (databases > 1) args.push("--databases", String(databases));
  for (const [name, value] of Object.entries(vars)) args.push("--var", `${name}:${value}`);
  const child = spawn(process.execPath, [path.join(root, "scripts/lib/dev.mjs"), ...args], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  const ended = new Promise((resolve) => child.on("exit", resolve));
  await new Promise((resolve, reject) => {
    const collect = (text) => {
      log += text;
      if (log.includes("Tieline is running")) resolve();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    ended.then(() => reject(new Error(`the stack did not start: ${log}`)));
  });
  const dev = JSON.parse(readFileSync(path.join(state, "dev.json"), "utf8"));
  const end = (signal) => {
    process.kill(-child.pid, signal);
    return ended;
  };
  const stop = async () => {
    await end("SIGTERM");
    if (log.includes("a limit of Cloudflare's is exceeded")) throw new Error(log.slice(-20_000));
  };
  return { ...dev, log: () => log, kill: () => end("SIGKILL"), stop };
}

/** A call that must succeed; gives the JSON. */
export async function call(url, { method = "GET", headers = {}, body } = {}) {
  const response = await fetch(url, {
    method,
    headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${answer}`);
  return answer === "" ? undefined : JSON.parse(answer);
}

/** Signs in as the administrator; gives the headers of the session. */
export async function signIn(tieline) {
  const opened = await call(`${tieline.base_url}/api/dashboard/sessions`, {
    method: "POST",
    headers: { "x-api-key": tieline.admin_key },
  });
  return { authorization: `Bearer ${opened.token}` };
}

/** Invites somebody and signs in as them; gives the headers of what they write. */
export async function signInMember(tieline, headers, person) {
  const settings = `${tieline.base_url}/api/dashboard`;
  const { sign_in_url: link } = await call(`${settings}/members`, { method: "POST", headers, body: person });
  const completed = await fetch(`${settings}/sign-in/complete`, {
    method: "POST",
    headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
    body: JSON.stringify({ token: new URL(link).hash.slice(1) }),
  });
  if (!completed.ok) throw new Error(`${person.email} could not sign in: ${completed.status} ${await completed.text()}`);
  const cookie = completed.headers.get("set-cookie").split(";")[0];
  const { csrf_token } = await call(`${settings}/me`, { headers: { cookie } });
  return { cookie, "x-csrf-token": csrf_token };
}

/** Has a CRM's endpoint hear of these events. */
export async function listen(tieline, headers, crm, events) {
  const { webhook, secret } = await call(`${tieline.base_url}/api/dashboard/webhooks`, {
    method: "POST",
    headers,
    body: { name: "My CRM", url: crm.url, events },
  });
  process.env.WEBHOOK_SECRET = secret;
  return webhook;
}

/** Connects a WhatsApp account of the fake Graph API and a CRM's endpoint. */
export async function connect(tieline, graph, crm, events) {
  const headers = await signIn(tieline);
  const { channel } = await call(`${tieline.base_url}/api/dashboard/channels`, {
    method: "POST",
    headers,
    body: {
      kind: "whatsapp",
      name: "Support",
      phone_number_id: graph.phoneNumberId,
      waba_id: "102290129340398",
      display_phone_number: "+353 80 000 0000",
      credentials: { access_token: graph.token, app_secret: graph.appSecret, verify_token: "verify-me" },
    },
  });
  if (channel.verification !== "verified") throw new Error(`the account is not proven: ${JSON.stringify(channel)}`);
  graph.callback = channel.webhook_url;
  const webhook = await listen(tieline, headers, crm, events);
  return { headers, channel, webhook };
}
