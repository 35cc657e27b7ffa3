// A CRM's webhook endpoint on loopback, verified by the code that the integration guide prints.

import crypto from "node:crypto";
import { createServer } from "node:http";

// From the guide, unchanged.
function verifyWebhook(req) {
  const signature = req.headers['x-webhook-signature'];
  const timestamp = req.headers['x-webhook-timestamp'];
  const payload = JSON.stringify(req.body);
  const secret = process.env.WEBHOOK_SECRET; // From Business Settings
  
  // Verify timestamp (prevent replay attacks)
  const now = Math.floor(Date.now() / 1000);
  if (Math.abs(now - parseInt(timestamp)) > 300) {
    throw new Error('Webhook timestamp too old');
  }
  
  // Verify signature
  const expectedSignature = crypto
    .createHmac('sha256', secret)
    .update(`${timestamp}.${payload}`)
    .digest('hex');
    
  return crypto.timingSafeEqual(
    Buffer.from(signature),
    Buffer.from(expectedSignature)
  );
}

/** Starts the endpoint. Gives { url, events, until, hang, stop }; events that do not verify fail. */
export async function startCrm() {
  const events = [];
  const waiting = new Set();
  const sockets = new Set();
  const crm = { events, unverified: 0, answer: () => 200 };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const status = crm.answer(body, request);
    // Further endpoints on other paths have secrets of their own.
    const verified = !request.url.startsWith("/webhooks/") || verifyWebhook({ headers: request.headers, body });
    if (!verified) crm.unverified += 1;
    if (status === "hang") return;
    if (verified && status === 200) events.push({ ...body, headers: request.headers, path: request.url, at: Date.now() });
    response.writeHead(status).end();
    for (const check of waiting) check();
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  crm.url = `http://127.0.0.1:${server.address().port}/webhooks/messages`;
  /** Waits until a condition on the events holds, and gives what it gave. */
  crm.until = (what, condition, millis = 30_000) =>
    new Promise((resolve, reject) => {
      const check = () => {
        const result = condition(events);
        if (!result) return;
        clearTimeout(timer);
        waiting.delete(check);
        resolve(result);
      };
      const timer = setTimeout(() => {
        waiting.delete(check);
        reject(new Error(`waited in vain for ${what}; there came ${events.map((e) => e.event)}`));
      }, millis);
      waiting.add(check);
      check();
    });
  crm.stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return crm;
}
