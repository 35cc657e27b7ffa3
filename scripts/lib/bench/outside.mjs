// Who is outside: a provider that takes every message, and a CRM's endpoint that takes every event.

import { createServer } from "node:http";

/** Starts them at one address. Gives { url, arrivals, onEvent, stop }. */
export async function startOutside() {
  let sent = 0;
  const outside = { onEvent() {} };
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      response.writeHead(200, { "content-type": "application/json" });
      if (request.url === "/crm") {
        response.end("{}");
        outside.onEvent(Buffer.concat(chunks));
        return;
      }
      if (request.method === "GET") {
        // An account of Meta's, which is that of any token.
        const [, id] = request.url.match(/([^/?]+)(?:\?|$)/);
        response.end(JSON.stringify({ id }));
        return;
      }
      const { to } = JSON.parse(Buffer.concat(chunks));
      response.end(
        `{"messaging_product":"whatsapp","contacts":[{"input":"${to}","wa_id":"${to}"}],` +
          `"messages":[{"id":"wamid.SENT${++sent}"}]}`,
      );
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  outside.url = `http://127.0.0.1:${server.address().port}`;
  outside.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return outside;
}
