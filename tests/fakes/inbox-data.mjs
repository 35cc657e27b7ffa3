// Generated conversations for the embedded inbox: five channels, every kind of message, hostile texts.

import { deflateSync } from "node:zlib";

const MB = 1 << 20;
const IMAGES = (most) => ["image/jpeg", "image/png"].map((type) => ({ type, kind: "image", max_bytes: most }));
const PDF = { type: "application/pdf", kind: "document", max_bytes: 10 * MB };
const TEXT = { type: "text/plain", kind: "document", max_bytes: 10 * MB };
const common = { splits_text: false, caption_limit: null, window_hours: null, human_agent_hours: null, templates: false, replies: false, reactions: false, subject: false, receipts: ["sent", "delivered"], attachments_per_message: 1, max_attachments: 10, segments: false, text_limit_unit: "characters" };

export const capabilities = {
  whatsapp: { ...common, name: "WhatsApp", text_limit: 4096, caption_limit: 1024, window_hours: 24, templates: true, replies: true, reactions: true, receipts: ["sent", "delivered", "read"], media: [...IMAGES(5 * MB), { type: "video/mp4", kind: "video", max_bytes: 10 * MB }, { type: "audio/ogg", kind: "audio", max_bytes: 10 * MB }, PDF, TEXT] },
  facebook: { ...common, name: "Messenger", text_limit: 2000, splits_text: true, window_hours: 24, human_agent_hours: 168, replies: true, receipts: ["sent", "delivered", "read"], media: [...IMAGES(8 * MB), PDF] },
  instagram: { ...common, name: "Instagram", text_limit: 1000, text_limit_unit: "bytes", splits_text: true, window_hours: 24, human_agent_hours: 168, replies: true, receipts: ["sent", "read"], media: IMAGES(8 * MB) },
  sms: { ...common, name: "SMS", text_limit: 1600, segments: true, attachments_per_message: 10, media: IMAGES(5 * MB) },
  email: { ...common, name: "Email", text_limit: 500_000, subject: true, attachments_per_message: 10, media: [...IMAGES(10 * MB), PDF, TEXT] },
};

const CHANNELS = ["whatsapp", "facebook", "instagram", "sms", "email"];
const LINES = { whatsapp: "+353 1 555 0100", facebook: "Fjord & Fell", instagram: "@fjordandfell", sms: "+353 86 555 0122", email: "care@fjord.example" };
const FIRST = ["Aoife", "Liam", "Noor", "Mateus", "Ingrid", "Yuki", "Zanele", "Tomasz", "Priya", "Elif", "Sven", "Chiara", "Omar", "Hana", "Dylan", "Mei"];
const LAST = ["Murphy", "Okafor", "Silva", "Larsen", "Tanaka", "Dlamini", "Kowalska", "Raman", "Yılmaz", "Rossi", "Haddad", "Novak", "Walsh", "Chen"];
const ASKS = ["Is the blue jacket back in stock in medium?", "My parcel says delivered but nothing is here.", "Can I change the address of order 48213?", "Thanks, that worked!", "How long does a return take?", "Do you ship to Norway?", "The zip broke after two days, I'm rather disappointed.", "Could you send me the invoice again?", "When do you open on Sunday?", "Perfect, see you then."];
const REPLIES = ["Of course, I have changed it for you.", "I'm sorry to hear that. Could you send a photo of it?", "It is on its way and should be with you on Thursday.", "We do! Shipping takes four to six days.", "I have sent it to your e-mail address."];
const HOSTILE = [`<img src=x onerror="parent.canary.push(1);top.canary.push(1);canary.push(1)">`, `"><script>parent.canary.push(2);window.canary.push(2)</script>`, `javascript:parent.canary.push(3)`, `\u202e gnp.exe \u202d evil`, `</script><svg onload=parent.canary.push(4)>`, "{{bootstrap}} {{title}} ${1+1}"];

let ids = 0;

/** A message of a conversation, in the public form. */
export function messageOf(row, { at, direction, type, content = null, detail = null, status, attachments = [], reply_to = null, error = null, sender_verified = null, participant = null }) {
  const time = new Date(at).toISOString();
  const climbed = (least) => (["sent", "delivered", "read"].indexOf(status) >= least ? time : null);
  return { id: `msg_${String((ids += 1)).padStart(7, "0")}`, conversation_id: row.id, customer_id: row.customer.id, channel: row.channel, direction, type, content, detail, status, error, reply_to, sender_verified, participant, created_at: time, sent_at: climbed(0), delivered_at: climbed(1), read_at: climbed(2), attachments };
}

/** Conversations by id, some with a label by which tests find them. */
export function generate(count, now) {
  const conversations = new Map();
  const files = new Map();
  const make = (n, more) => {
    const one = conversationOf(n, now, more);
    conversations.set(one.row.id, one);
    return one;
  };
  for (let n = 0; n < count; n += 1) chat(make(n, {}), now - 9 * 60_000 - n ** 1.55 * 40_000, n);
  everyKind(make("kinds", { label: "kinds", channel: "whatsapp", name: "Aoife Murphy", unread: 2, priority: "high", assignee: "agent_1", tags: ["vip", "returns"] }), now, files);
  hostile(make("hostile", { label: "hostile", channel: "facebook", name: HOSTILE[0], tags: [HOSTILE[1]], assignee: HOSTILE[1] }), now, files);
  rightToLeft(make("rtl", { label: "rtl", channel: "instagram", name: "ليلى حداد", unread: 1 }), now);
  email(make("email", { label: "email", channel: "email", name: "Ingrid Larsen" }), now, files);
  text(make("sms", { label: "sms", channel: "sms", name: "Tomasz Kowalski", priority: "urgent" }), now);
  long(make("long", { label: "long", channel: "whatsapp", name: "Priya Raman" }), now);
  closed(make("window", { label: "window", channel: "whatsapp", name: "Mateus Silva" }), now, "window");
  closed(make("optout", { label: "optout", channel: "sms", name: "Hana Novak" }), now, "opted_out");
  chat(make("plain", { label: "plain", channel: "whatsapp", name: "Zanele Dlamini", unread: 1 }), now - 120_000, 3);
  return { conversations, files, agents: [{ id: "agent_1", name: "Ada Byrne" }, { id: "agent_2", name: "Jonas Weber" }, { id: "agent_3", name: "Sofia Conti" }], templates: TEMPLATES, members: [...MEMBERS] };
}

const MEMBERS = [
  { id: "mem_1", name: "Ada Byrne", email: "ada@fjord.example", role: "admin" }, { id: "mem_2", name: "Jonas Weber", email: "jonas@fjord.example", role: "agent" },
  { id: "mem_3", name: "Sofia Conti", email: "sofia@fjord.example", role: "owner" }, { id: "mem_4", name: HOSTILE[0], email: "hostile@fjord.example", role: "agent" },
  { id: "mem_9", name: "Vera Lind", email: "vera@fjord.example", role: "viewer" },
];

const TEMPLATES = [
  { name: "order_update", language: "en", category: "UTILITY", body: "Hello {{1}}, your order {{2}} is on its way.", parameters: 2, footer: "Fjord & Fell" },
  { name: "reopen_conversation", language: "en", category: "UTILITY", body: "Hello, we have an answer to your question. Reply to this message to go on.", parameters: 0, header: "Your question" },
  { name: "rueckfrage", language: "de", category: "UTILITY", body: "Guten Tag {{1}}, wir haben eine Rückfrage zu Ihrer Bestellung.", parameters: 1 },
];

function conversationOf(n, now, { label = null, channel = CHANNELS[n % 5], name = `${FIRST[n % 16]} ${LAST[(n * 5 + 3) % 14]}`, unread = n % 7 === 2 ? 1 + (n % 3) : 0, priority = n % 23 === 5 ? "high" : "medium", assignee = n % 6 === 1 ? "agent_2" : null, tags = n % 11 === 4 ? ["wholesale"] : [] }) {
  const id = `conv_${n}`;
  const status = typeof n === "number" && n % 4 === 3 ? ["pending", "snoozed", "closed", "closed"][(n >> 2) % 4] : "open";
  const customer = {
    id: `cus_${n}`, name, first_name: name.split(" ")[0], last_name: name.split(" ").slice(1).join(" "), email: `${typeof n === "number" ? `customer${n}` : n}@mail.example`, phone: "+353 86 555 0199", whatsapp_number: channel === "whatsapp" ? "+353 86 555 0199" : null,
    external_id: `C-${10_000 + (Number(n) || 77)}`, external_system: "hubspot", address: "14 Harbour Row, Galway", notes: label === "kinds" ? "Prefers to be called in the afternoon. Met at the spring fair." : null, tags: label === "kinds" ? ["newsletter"] : [],
    custom_fields: { account_tier: "Gold", lifetime_value: 1284.5, subscribed: true, last_orders: ["48213", "47990"] }, created_at: "2025-03-14T09:00:00Z", conversation_count: 3,
  };
  return {
    label, changed: 0, messages: [], notes: [], customer,
    state: { opted_out: false, can_reply: true, reply_block: null, email_subject: channel === "email" ? "Order 48213" : null, contact: channel === "email" ? `${typeof n === "number" ? `customer${n}` : n}@mail.example` : null },
    row: { id, customer: { id: customer.id, name }, channel, channel_id: `chan_${channel}`, channel_name: LINES[channel], status, priority, assignee, tags, unread_count: unread, created_at: new Date(now - 86_400_000 * 9).toISOString(), window_open_until: ["sms", "email"].includes(channel) ? null : new Date(now + (label === "kinds" ? 3.4 : 20) * 3_600_000).toISOString() },
  };
}

function adder(one) {
  const outbound = { detail: { author: { id: "agent_1", name: "Ada Byrne" } }, status: "read" };
  return {
    inbound: (at, content, more = {}) => (one.messages.push(messageOf(one.row, { at, direction: "inbound", type: "text", content, status: "received", ...more })), one.messages.at(-1)),
    outbound: (at, content, { detail, ...more } = {}) => (one.messages.push(messageOf(one.row, { at, direction: "outbound", type: "text", content, ...outbound, ...more, detail: { ...outbound.detail, ...detail } })), one.messages.at(-1)),
  };
}

function chat(one, last, n) {
  const { inbound, outbound } = adder(one);
  inbound(last - 5_400_000, ASKS[n % 10]);
  outbound(last - 4_000_000, REPLIES[n % 5], { status: ["read", "delivered", "sent"][n % 3] });
  if (n % 3) inbound(last, ASKS[(n * 3 + 1) % 10]);
  else outbound(last, REPLIES[(n + 2) % 5], { status: n % 21 ? "delivered" : "failed", error: n % 21 ? null : { code: "131026", message: "The number cannot receive messages." } });
}

function fileOf(files, id, filename, type, size, more = {}) {
  const url = `/api/download-media?id=${id}`;
  files.set(id, { id, filename, type, size, url });
  return { id, filename, type, size, state: "ready", error: null, url, download_url: url, ...more };
}

function everyKind(one, now, files) {
  const { inbound, outbound } = adder(one);
  const day = now - 86_400_000;
  const two = now - 2 * 86_400_000;
  inbound(two, "Hello! I have a question about https://fjord.example/orders/48213 (the rain jacket).");
  outbound(two + 60_000, "Hello Aoife, of course. What would you like to know?");
  one.messages.push(messageOf(one.row, { at: two + 90_000, direction: "inbound", type: "system", content: "Aoife changed their number", status: "received" }));
  inbound(two + 120_000, null, { type: "unsupported" });
  inbound(two + 130_000, null, { type: "sticker", attachments: [fileOf(files, "att_sticker", "sticker.webp", "image/webp", 20_000)] });
  inbound(two + 140_000, null, { type: "text", detail: { deleted: true } });
  inbound(two + 150_000, "My address is Harbour Row 14", { detail: { edited: 1 } });
  inbound(two + 160_000, "Yes, please", { type: "button" });
  inbound(two + 170_000, "Size M, blue", { type: "interactive" });
  inbound(two + 180_000, null, { type: "contacts", detail: { contacts: [{ name: { formatted_name: "Brian Walsh" }, phones: [{ phone: "+353 86 555 0144" }] }] } });
  inbound(two + 190_000, null, { type: "order", detail: { items: [{ name: "Rain jacket", quantity: 1, item_price: 129, currency: "EUR" }] } });
  outbound(two + 200_000, "Your order 48213 is on its way.", { type: "template", detail: { template: { name: "order_update", language: "en" } }, status: "delivered" });
  inbound(day - 400_000, null, { type: "location", detail: { latitude: 53.2707, longitude: -9.0568, name: "Galway Harbour", address: "Dock Road, Galway" } });
  inbound(day - 300_000, null, { type: "audio", attachments: [fileOf(files, "att_voice", "voice.ogg", "audio/ogg", 48_211)] });
  inbound(day - 200_000, null, { type: "video", attachments: [fileOf(files, "att_video", "zip.mp4", "video/mp4", 2_310_400)] });
  inbound(day - 100_000, null, { type: "document", attachments: [fileOf(files, "att_pending", "scan.pdf", "application/pdf", 0, { state: "pending", url: null, download_url: null }), fileOf(files, "att_broken", "old.pdf", "application/pdf", 0, { state: "failed", error: "The provider no longer has it.", url: null, download_url: null })] });
  outbound(day, "I could not reach you by phone.", { status: "failed", error: { code: "131047", message: "More than 24 hours have passed since the customer last replied." } });
  outbound(day + 30_000, "Is the number still right?", { status: "uncertain" });
  outbound(day + 60_000, "Sent from my phone", { status: "read", detail: { sent_elsewhere: true, author: null } });
  one.notes.push({ id: "note_1", author: "Jonas Weber", content: "Returned once before. Be generous, please: see https://fjord.example/c/77", created_at: new Date(now - 50 * 60_000).toISOString() });
  const hour = now - 45 * 60_000;
  const photo = inbound(hour, "The seam is open here, and here.", { type: "image", attachments: [fileOf(files, "att_photo", "seam.jpg", "image/jpeg", 834_112)] });
  inbound(hour + 20_000, null, { type: "document", attachments: [fileOf(files, "att_invoice", "Invoice 48213 – Fjord & Fell.pdf", "application/pdf", 182_044)] });
  outbound(hour + 120_000, "Oh no, that should not happen. Thank you for the photo!", { reply_to: photo.id });
  outbound(hour + 135_000, "I am sending you a new one today. You may keep the old one.", { status: "delivered" });
  inbound(hour + 150_000, "❤️", { type: "reaction", reply_to: one.messages.at(-1).id, detail: { emoji: "❤️" } });
  inbound(now - 200_000, "Wonderful, thank you so much! 🎉");
  inbound(now - 190_000, "Will it be the same blue?");
}

function hostile(one, now, files) {
  const { inbound, outbound } = adder(one);
  HOSTILE.forEach((line, i) => inbound(now - 7_000_000 + i * 1000, line));
  inbound(now - 6_000_000, "x".repeat(10_240));
  inbound(now - 5_900_000, "https://evil.example/\"onmouseover=parent.canary.push(5) http://a.example/<b>x</b> javascript:parent.canary.push(6)");
  inbound(now - 5_800_000, null, { type: "document", attachments: [fileOf(files, "att_evil", `${HOSTILE[0]}.pdf`, "application/pdf", 12), fileOf(files, "att_rtl", "invoice\u202efdp.exe", "application/pdf", 12)] });
  inbound(now - 5_700_000, "Shared", { type: "share", detail: { story: { url: "javascript:parent.canary.push(7)" } } });
  inbound(now - 5_600_000, HOSTILE[0], { type: "location", detail: { latitude: "1\"><script>", longitude: 2, name: HOSTILE[1], address: HOSTILE[0] } });
  inbound(now - 5_500_000, null, { type: "contacts", detail: { contacts: [{ name: { formatted_name: HOSTILE[0] }, phones: [{ phone: HOSTILE[1] }] }, null, 7] } });
  inbound(now - 5_400_000, "Mail", { type: "email", detail: { subject: HOSTILE[0], html: `<p>Hi</p>${HOSTILE[0]}${HOSTILE[1]}<img src="https://tracker.example/x.png"><a href="javascript:parent.canary.push(8)">x</a>` } });
  outbound(now - 5_300_000, HOSTILE[1], { status: "failed", error: { code: "1", message: HOSTILE[0] }, detail: { author: { id: "x", name: HOSTILE[0] } } });
  one.notes.push({ id: "note_h", author: HOSTILE[0], content: HOSTILE[1], created_at: new Date(now - 5_200_000).toISOString() });
  one.customer.custom_fields = { [HOSTILE[0]]: HOSTILE[1], nested: { a: HOSTILE[0] } };
  one.customer.email = `javascript:parent.canary.push(9)`;
  one.customer.notes = HOSTILE[1];
  one.row.channel_name = HOSTILE[0];
}

function rightToLeft(one, now) {
  const { inbound, outbound } = adder(one);
  inbound(now - 900_000, "مرحبا، هل السترة الزرقاء متوفرة بمقاس M؟ رقم الطلب 48213");
  outbound(now - 800_000, "أهلاً ليلى، نعم متوفرة الآن.", { status: "read" });
  inbound(now - 700_000, "Great, thanks! شكرا جزيلا");
  inbound(now - 650_000, "Replied", { type: "story_reply", detail: { story: { url: "https://instagram.example/s/1" } } });
}

function email(one, now, files) {
  const { inbound, outbound } = adder(one);
  const full = "Hello,\n\ncould you send me the invoice again?\n\nKind regards\nIngrid\n\nOn Tuesday Ada Byrne wrote:\n> Your order 48213 has been delivered.\n> Thank you!";
  inbound(now - 3_000_000, "Hello,\n\ncould you send me the invoice again?\n\nKind regards\nIngrid", { type: "email", sender_verified: "pass", participant: "customer", detail: { from: "email@mail.example", from_name: "Ingrid", reply_to: "office@mail.example", subject: "Order 48213", full_text: full, html: "<h2>Order 48213</h2><p>Hello,</p><p>could you send me the <b>invoice</b> again?</p><blockquote>Your order has been delivered.</blockquote>" } });
  outbound(now - 2_000_000, "Hello Ingrid,\n\nhere it is.\n\nAda", { type: "email", detail: { subject: "Re: Order 48213" }, attachments: [fileOf(files, "att_mail", "invoice-48213.pdf", "application/pdf", 182_044)], status: "delivered" });
  inbound(now - 1_000_000, "I answer for Ingrid.", { type: "email", sender_verified: "pass", participant: "other", detail: { from: "sven@other.example", from_name: "Sven", subject: "Re: Order 48213" } });
  inbound(now - 900_000, "Is there any news?", { type: "email", sender_verified: "none", participant: "customer", detail: { from: "email@mail.example", from_name: "Ingrid", subject: "Re: Order 48213" } });
  inbound(now - 800_000, "Please use our new account.", { type: "email", sender_verified: "fail", participant: "other", detail: { from: "email@mail.example", from_name: HOSTILE[0], sender_unverified: true, reply_to: "x@evil.example", subject: "Re: Order 48213" } });
}

function text(one, now) {
  const { inbound, outbound } = adder(one);
  inbound(now - 1_600_000, "Is the courier coming today?");
  outbound(now - 1_500_000, "Yes, between 14:00 and 16:00. You can follow him here: https://track.example/48213 and he will call you when he is at the door, so please keep your phone nearby.", { detail: { segments: 2 }, status: "delivered" });
}

function long(one, now) {
  const { inbound, outbound } = adder(one);
  for (let n = 0; n < 130; n += 1) (n % 3 ? inbound : outbound)(now - 4_000_000 - (130 - n) * 700_000, `Message ${n + 1} of many. ${ASKS[n % 10]}`);
}

function closed(one, now, why) {
  const { inbound } = adder(one);
  inbound(now - 3 * 86_400_000, why === "window" ? "Do you have it in green?" : "STOP");
  Object.assign(one.state, { can_reply: false, reply_block: why, opted_out: why === "opted_out" });
  if (why === "window") one.row.window_open_until = new Date(now - 2 * 86_400_000).toISOString();
}

/** A picture of two colours as PNG, so that nothing binary is kept in the repository. */
export function picture(id, width = 320, height = 240) {
  const seed = [...id].reduce((sum, c) => sum + c.charCodeAt(0), 0);
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      const hill = y > height * 0.55 + Math.sin((x + seed) / 28) * 22;
      const far = y > height * 0.42 + Math.sin((x + seed * 3) / 45) * 26;
      rows.set(hill ? [52, 96, 110] : far ? [110, 150, 170] : [190 + (y >> 3), 214, 232], at);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(data.length + 12);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc(body), data.length + 8);
  return frame;
}

function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}
