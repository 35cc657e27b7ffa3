// The CRM card's server, in memory, and a Chatwoot around it: what answers tokens and contacts is made up, pages and files
// are the Worker's own.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { filledShell } from "./lib/shell.mjs";

const folder = fileURLToPath(new URL("../../functions/embed-inbox/", import.meta.url));
const assets = fileURLToPath(new URL("../../shared/pages/assets/", import.meta.url));
const TYPES = { ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8" };
const HOSTILE = "<img src=x onerror=parent.postMessage('canary','*')>";
const CONTACTS = {
  46: {
    customer: { id: "c1", name: HOSTILE },
    crms: [
      {
        connector: "krayin", state: "failed", waiting: 0, failed: 2, synced_at: "2026-01-02T03:00:00.000000Z", error: { code: "invalid", message: HOSTILE },
        records: [{ kind: "lead", id: "2", url: "https://crm.example/admin/leads/view/2" }, { kind: "person", id: "1", url: "javascript:parent.postMessage('canary','*')" }],
      },
    ],
  },
  47: { customer: { id: "c2", name: "Ben" }, crms: [] },
};

/** Starts card, Chatwoot and a page of somebody else's. Gives their addresses and what was asked. */
export async function startCard() {
  const state = { asked: [], revoked: false };
  const [card, chat, other] = [
    createServer((request, response) => void answer(state, request, response)),
    createServer((request, response) => page(response, chatwoot(state))),
    createServer((request, response) => page(response, request.url.startsWith("/forger") ? FORGER : chatwoot(state))),
  ];
  const servers = [card, chat, other];
  await Promise.all(servers.map((one) => new Promise((resolve) => one.listen(0, "127.0.0.1", resolve))));
  state.card = `http://127.0.0.1:${card.address().port}`;
  state.chat = `http://localhost:${chat.address().port}`;
  state.other = `http://127.0.0.1:${other.address().port}`;
  return { ...state, asked: state.asked, revoke: (on) => (state.revoked = on), hostile: HOSTILE, stop: () => servers.forEach((one) => (one.closeAllConnections(), one.close())) };
}

const page = (response, html, status = 200, more = {}) => response.writeHead(status, { "content-type": "text/html; charset=utf-8", ...more }).end(html);
const filled = (name, values) => filledShell(readFileSync(`${folder}src/page/${name}.html`, "utf8"), values);

async function answer(state, request, response) {
  const url = new URL(request.url, state.card);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const file = url.pathname.match(/^\/embed\/assets\/x\/((?:inbox\/)?[a-z-]+\.(?:js|css))$/)?.[1];
  if (file) return response.writeHead(200, { "content-type": TYPES[path.extname(file)] }).end(readFileSync(`${assets}${file}`));
  const common = { assets: "/embed/assets/x", dir: "ltr", name: "CRM", title: "This card cannot be opened", message: "It was switched off." };
  const policy = (ancestors, forms = "'none'") => ({
    "referrer-policy": "no-referrer",
    "content-security-policy": `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action ${forms}; frame-ancestors ${ancestors}`,
  });
  const route = `${request.method} ${url.pathname}`;
  if (route === "GET /embed/crm-card") return page(response, filled("enter", { ...common, action: "/embed/crm-card" }), 200, policy("*", "'self'"));
  if (route === "POST /embed/crm-card") {
    if (new URLSearchParams(body).get("token") !== "good") return page(response, filled("over", common), 401, policy("*"));
    return page(response, filled("crm-card", { ...common, origin: state.chat }), 200, policy(state.chat));
  }
  if (route !== "POST /embed/api/crm-card") return response.writeHead(404).end();
  const { token, contact_id } = JSON.parse(body);
  state.asked.push(contact_id);
  const status = token === "good" && !state.revoked ? 200 : 401;
  const json = status === 200 ? CONTACTS[contact_id] ?? { customer: null, crms: [] } : { code: "invalid_token" };
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
}

// Chatwoot's page: it tells the frame what is open when the frame has loaded, and when it asks.
const chatwoot = ({ card, other }) => `<!doctype html><title>Chatwoot</title><link rel="icon" href="data:,">
<script>
window.canary = []; window.contact = 46;
const tell = () => frames[0].postMessage(JSON.stringify({ event: "appContext", data: { contact: { id: window.contact }, conversation: {}, currentAgent: {} } }), "*");
addEventListener("message", ({ data }) => { if (data === "canary") canary.push(data); if (data === "chatwoot-dashboard-app:fetch-info") tell(); });
</script>
<iframe id="card" src="${card}/embed/crm-card?account=a#token=good" style="inline-size:100%;block-size:30rem"></iframe>
<iframe id="forger" src="${other}/forger"></iframe>`;

// A frame of somebody else's beside the card's.
const FORGER = `<!doctype html><script>
window.forge = (id) => parent.frames[0].postMessage(JSON.stringify({ event: "appContext", data: { contact: { id } } }), "*");
</script>`;
