// The client code that the CRM integration guide prints for conversations, unchanged but for the
// base URL and the key, against scripts/dev, with fakes of Meta and of the CRM on loopback.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCrm } from "../../fakes/crm.mjs";
import { startGraph } from "../../fakes/graph.mjs";
import { call, connect, startTieline } from "../../fakes/tieline.mjs";

let BASE_URL;
let API_KEY;
const displayed = [];
const incoming = [];
const displayCustomer = (customer) => displayed.push(customer);
const displayConversations = (conversations) => displayed.push(conversations);
const processIncomingMessage = (message) => incoming.push(message);

async function loadCustomerConversations(crmCustomerId) {
  // Lookup by external_id (your CRM's customer ID)
  const response = await fetch(
    `${BASE_URL}/api-conversations-by-customer?` +
    `external_id=${crmCustomerId}&` +
    `include_messages=true&` +
    `include_attachments=true`,
    {
      headers: { 'x-api-key': API_KEY }
    }
  );
  
  const data = await response.json();
  
  // Display in your CRM UI
  displayCustomer(data.customer);
  displayConversations(data.conversations); // All channels included
  
  return data;
}
async function sendMessageFromCRM(crmCustomerId, channel, content, attachments = []) {
  // Step 1: Upload attachments (if any)
  const uploadedAttachments = [];
  for (const file of attachments) {
    const formData = new FormData();
    formData.append('file', file);
    
    const uploadResponse = await fetch(`${BASE_URL}/api-upload-attachment`, {
      method: 'POST',
      headers: { 'x-api-key': API_KEY },
      body: formData
    });
    
    const { attachment } = await uploadResponse.json();
    uploadedAttachments.push(attachment.file_url);
  }
  
  // Step 2: Send message
  const response = await fetch(`${BASE_URL}/api-send-message`, {
    method: 'POST',
    headers: {
      'x-api-key': API_KEY,
      'Content-Type': 'application/json'
    },
    body: JSON.stringify({
      customer_id: crmCustomerId, // Or use email/phone lookup
      channel: channel, // 'whatsapp', 'email', 'sms', 'facebook', 'instagram'
      content: content,
      attachments: uploadedAttachments
    })
  });
  
  const result = await response.json();
  console.log('Message sent:', result);
  return result;
}
let lastCheckTimestamp = new Date().toISOString();

async function pollForNewMessages() {
  const response = await fetch(
    `${BASE_URL}/api-messages-since?` +
    `since=${encodeURIComponent(lastCheckTimestamp)}&` +
    `include_attachments=true&` +
    `limit=100`,
    {
      headers: { 'x-api-key': API_KEY }
    }
  );
  
  const { messages, has_more } = await response.json();
  
  // Process new messages
  for (const message of messages) {
    if (message.direction === 'inbound') {
      processIncomingMessage(message);
    }
  }
  
  // Update timestamp for next poll
  if (messages.length > 0) {
    lastCheckTimestamp = messages[messages.length - 1].created_at;
  }
  
  return { count: messages.length, has_more };
}

const state = mkdtempSync(path.join(tmpdir(), "tieline-"));
const graph = await startGraph();
const crm = await startCrm();
const tieline = await startTieline(state, { GRAPH_API_BASE: graph.base });
try {
  BASE_URL = tieline.base_url;
  API_KEY = tieline.api_key;
  const { channel } = await connect(tieline, graph, crm, [
    "message.received", "message.sent", "message.status_changed", "message.updated", "conversation.created",
  ]);

  const shake = `${channel.webhook_url}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=`;
  assert.equal(await (await fetch(`${shake}verify-me`)).text(), "1158201444");
  assert.equal((await fetch(`${shake}wrong`)).status, 403);

  await call(`${BASE_URL}/api-customers-sync`, {
    method: "POST",
    headers: { "x-api-key": API_KEY },
    body: { customers: [{ external_id: "CRM-12345", name: "John Doe", phone: "+353871234567", custom_fields: { contract_value: 1.50, 7: "seven", b: "\u2028" } }] },
  });
  // Whatever came before the guide's first poll is not its concern.
  lastCheckTimestamp = new Date().toISOString();

  const began = Date.now();
  assert.equal((await graph.receive("353871234567", { type: "text", text: { body: "Hello, I need help — 😀" } })).status, 200);
  const received = await crm.until("message.received", (events) => events.find((e) => e.event === "message.received"));
  const delay = received.at - began;
  assert.ok(delay < 1000, `the webhook came after ${delay} ms`);
  assert.equal(crm.unverified, 0);
  assert.equal(received.data.message.content, "Hello, I need help — 😀");
  assert.equal(received.data.message.platform, "whatsapp");
  assert.equal(received.data.customer.external_id, "CRM-12345");
  assert.equal(received.data.external_id, "CRM-12345");
  assert.equal(received.data.customer.custom_fields.contract_value, 1.5);
  assert.deepEqual(received.data.attachments, []);

  assert.deepEqual(await pollForNewMessages(), { count: 1, has_more: false });
  assert.equal(incoming[0].content, "Hello, I need help — 😀");
  assert.deepEqual(await pollForNewMessages(), { count: 0, has_more: false });

  await loadCustomerConversations("CRM-12345");
  assert.equal(displayed[0].name, "John Doe");
  assert.equal(displayed[1][0].whatsapp_account_id, channel.id);
  assert.equal(displayed[1][0].messages.length, 1);

  const result = await sendMessageFromCRM(
    'CRM-12345',
    'whatsapp',
    'Hi! Your order is ready for pickup.',
    [new File([''], 'receipt.pdf')]
  );
  assert.equal(result.success, true);
  assert.equal(result.message.status, "sent");
  const reply = graph.sent.at(-1);
  assert.equal(reply.body.to.replace("+", ""), "353871234567");
  assert.equal(reply.body.type, "document");
  assert.equal(reply.body.document.filename, "receipt.pdf");
  assert.equal(reply.body.document.caption, "Hi! Your order is ready for pickup.");

  const statusOf = async () => {
    const { conversations } = await loadCustomerConversations("CRM-12345");
    return conversations[0].messages.find((m) => m.id === result.message.id).status;
  };
  for (const status of ["delivered", "read"]) {
    await graph.status(reply.id, status);
    assert.equal(await statusOf(), status);
  }
  await graph.status(reply.id, "sent");
  assert.equal(await statusOf(), "read");
  await crm.until("message.sent and two changes of status", (events) =>
    events.some((e) => e.event === "message.sent") &&
    events.filter((e) => e.event === "message.status_changed" && e.data.message_id === result.message.id).length >= 2);

  const photo = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
  const media = graph.addMedia(photo, "image/png");
  await graph.receive("353871234567", { type: "image", image: { id: media, mime_type: "image/png", caption: "Look" } });
  const withFile = await crm.until("a message with its file", (events) =>
    events.find((e) => e.event === "message.received" && e.data.attachments[0]?.state === "ready"));
  const [attachment] = withFile.data.attachments;
  assert.equal(attachment.type, "image/png");
  const download = await fetch(attachment.download_url);
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), photo);
  assert.match(download.headers.get("content-disposition"), /^attachment/);
  assert.equal((await fetch(attachment.download_url.replace(/.$/, (c) => (c === "0" ? "1" : "0")))).status, 403);
  assert.equal(crm.unverified, 0);
  console.log(`from receipt to the first attempt: ${delay} ms`);
} catch (error) {
  console.error(tieline.log());
  throw error;
} finally {
  await tieline.stop();
  await graph.stop();
  await crm.stop();
  rmSync(state, { recursive: true, force: true });
}
