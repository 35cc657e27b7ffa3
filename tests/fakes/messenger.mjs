// Messenger and Instagram at Meta, on loopback: a Send API with closed schemas, limits, the window and
// Meta's errors, the webhooks of both with their signatures, profiles, and links to files that expire.
// An account stands on a host of its own, or on that of another fake of Meta's (`on`).
//
// Run alone: node tests/fakes/messenger.mjs [--instagram] [--port N]

import { randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";
import { startFiles } from "./lib/files.mjs";
import { checkSend } from "./lib/messenger.mjs";
import { jsonOf, post, refusal, selected, signed, startMeta } from "./lib/meta.mjs";
import { portArgument, printed } from "./lib/server.mjs";

const FIELDS = {
  facebook: [
    "messages", "message_echoes", "message_deliveries", "message_reads", "message_edits",
    "message_reactions", "messaging_postbacks", "messaging_referrals", "standby",
  ],
  instagram: [
    "messages", "message_edit", "message_reactions", "messaging_postbacks", "messaging_seen",
    "messaging_referral", "standby",
  ],
};
const newMid = () => `m_${randomBytes(24).toString("base64url")}`;

/** What opens the window: what a person does to the business, but for reading. */
const opens = ({ message, postback, reaction, referral }) =>
  (message && !message.is_echo && !message.is_deleted) || postback || reaction?.action === "react" || referral;

/**
 * Starts an account. `kind` is "facebook" or "instagram"; `humanAgent` whether Meta approved that
 * feature; `echo` "after", "before" or "off" says when the echo of a send comes, by its answer;
 * `secondSecret` is the secret of Instagram's own app (for `{ secret }` of the events); `pageId` the
 * Page under whose id an Instagram account may be called, too.
 */
export async function startMessenger({
  kind = "facebook",
  on,
  port = 0,
  id = kind === "facebook" ? "109780001234567" : "17841400001234567",
  name = kind === "facebook" ? "Corner Shop" : "corner.shop",
  token = kind === "facebook" ? "EAApagetoken" : "IGAAtoken",
  appSecret = "app-secret",
  secondSecret = "instagram-app-secret",
  appId = "670843887433847",
  pageId,
  humanAgent = false,
  severalImages = true,
  echo = "after",
  callback,
} = {}) {
  const isPage = kind === "facebook";
  const failures = [];
  const pending = new Set();
  const files = await startFiles();
  const owned = on ? undefined : await startMeta({ port });
  const host = on ?? owned;

  function subscribedApps({ method, url, raw, headers }) {
    if (method === "GET") {
      return { data: account.subscribed.length > 0 ? [{ id: appId, name: "Tieline", subscribed_fields: account.subscribed }] : [] };
    }
    if (method === "DELETE") account.subscribed = [];
    if (method === "DELETE") return { success: true };
    const query = url.searchParams.get("subscribed_fields");
    const fields = query?.split(",") ?? [jsonOf({ headers, raw }).subscribed_fields].flat().flatMap((given) => String(given).split(","));
    const odd = fields.find((field) => !FIELDS[kind].includes(field));
    if (odd !== undefined) throw refusal(400, 100, `(#100) Param subscribed_fields must be one of {${FIELDS[kind].join(", ")}} - got "${odd}".`);
    account.subscribed = fields;
    return { success: true };
  }

  function profile(person, fields) {
    const told = account.people.get(person);
    if (told === null) throw refusal(403, 230, "(#230) User consent is required to access user profile");
    return selected({ id: person, ...told }, fields, isPage ? "PageScopedUser" : "InstagramMessagingUser");
  }

  async function send(request) {
    const body = jsonOf(request);
    const found = await checkSend(account, body);
    const to = body.recipient.id;
    if (body.sender_action !== undefined) {
      account.actions.push(body);
      return { recipient_id: to };
    }
    const entry = { id: newMid(), body, files: found, at: Date.now() };
    account.sent.push(entry);
    if (account.echo === "before") await account.echoOf(entry);
    if (account.echo === "after") later(() => account.echoOf(entry));
    const said = { recipient_id: to, message_id: entry.id };
    if (body.message.attachment?.payload?.is_reusable !== true) return said;
    const attachmentId = String(1857777774821032n + BigInt(account.attachmentIds.size));
    account.attachmentIds.add(attachmentId);
    return { ...said, attachment_id: attachmentId };
  }

  /** Does something once the answer is on its way; `settled` waits for it. */
  function later(work) {
    const done = new Promise((resolve) => setImmediate(resolve)).then(work)
      .catch((error) => account.deliveries.push({ error: String(error.cause?.code ?? error) }))
      .finally(() => pending.delete(done));
    pending.add(done);
  }

  function answer(request, [node, edge, ...rest], version) {
    const { method, url } = request;
    if (version === undefined || rest.length > 0) return undefined;
    const isSelf = [id, pageId, "me"].includes(node);
    if (isSelf && edge === "messages" && method === "POST") return send(request);
    if (isSelf && edge === "subscribed_apps") return subscribedApps(request);
    if (edge !== undefined || method !== "GET") return undefined;
    const fields = url.searchParams.get("fields");
    if (isSelf) return selected(isPage ? { id, name } : { id, username: name, name, user_id: id }, fields, isPage ? "Page" : "IGUser");
    return account.people.has(node) ? profile(node, fields) : undefined;
  }

  host.mount({ token: () => account.token, failures, answer });

  /** The person who wrote is known from then on, and may be answered. */
  function remember(person, event, at) {
    if (!account.people.has(person)) account.people.set(person, isPage
      ? { first_name: "Joe", last_name: "Bloggs", profile_pic: files.add("", "image/jpeg") }
      : { name: "Joe Bloggs", username: "joe.bloggs", profile_pic: files.add("", "image/jpeg"), follower_count: 7, is_verified_user: false });
    if (opens(event)) account.lastInbound.set(person, Math.max(at, account.lastInbound.get(person) ?? 0));
  }

  /** One entry of `messaging` (or `standby`), not yet posted. */
  function entryOf(person, event, { at = Date.now(), standby = false, fromUs = false } = {}) {
    if (!fromUs) remember(person, event, at);
    const [sender, recipient] = fromUs ? [id, person] : [person, id];
    return { id, time: Date.now(), [standby ? "standby" : "messaging"]: [{ sender: { id: sender }, recipient: { id: recipient }, timestamp: at, ...event }] };
  }

  async function deliver(entries, { secret = account.appSecret, to = account.callback } = {}) {
    if (!to) return undefined;
    const delivery = { object: isPage ? "page" : "instagram", entry: entries };
    const response = await post(to, signed(delivery, secret));
    account.deliveries.push({ delivery, status: response.status });
    return response;
  }

  const event = (person, body, options) => deliver([entryOf(person, body, options)], options);
  const only = (what, mine) => {
    if (kind !== mine) throw new Error(`${kind} has no webhook for ${what}`);
  };

  const account = {
    base: host.base, kind, id, name, token, appSecret, secondSecret, appId, callback, echo, files,
    humanAgent, severalImages,
    subscribed: FIELDS[kind],
    sent: [], actions: [], deliveries: [],
    /** Profiles by scoped id; `null` is one who has not consented. */
    people: new Map(),
    /** When each last wrote, in ms: set it back to close a window. */
    lastInbound: new Map(),
    blocked: new Set(),
    attachmentIds: new Set(),
    fail: (...what) => failures.push(...what),
    /** Meta gave up on the webhook after an hour of failures. */
    unsubscribe: () => void (account.subscribed = []),
    /** Waits for the echoes under way. */
    settled: () => Promise.all(pending),
    deliver, entryOf, event,
    /** An attachment as it comes: its bytes behind a link without token, which `files.expire` ends. */
    attachment: (type, bytes, contentType, { payload, ...options } = {}) => ({ type, payload: { url: files.add(bytes, contentType, options), ...payload } }),
    /** A message; `message` is a text or what stands under `message`. */
    receive(person, message, { mid = newMid(), ...options } = {}) {
      return event(person, { message: { mid, ...(typeof message === "string" ? { text: message } : message) } }, options);
    },
    /** The echo of what was sent through the API. */
    echoOf({ id: mid, body, at }, options) {
      const { text, attachment, attachments = attachment && [attachment], metadata } = body.message;
      const shown = attachments?.map(({ type, payload }) => ({ type, payload: { url: payload?.url } }));
      const ours = isPage ? { app_id: Number(appId), ...(metadata !== undefined && { metadata }) } : {};
      const message = { mid, is_echo: true, ...ours, ...(text !== undefined && { text }), ...(shown && { attachments: shown }), ...(body.reply_to && { reply_to: body.reply_to }) };
      return event(body.recipient.id, { message }, { at, fromUs: true, ...options });
    },
    /** A message that somebody sent in Meta's own inbox, or another app. */
    sentElsewhere(person, message, { mid = newMid(), otherApp = 263902037430900, ...options } = {}) {
      const body = { mid, is_echo: true, ...(isPage && { app_id: otherApp }), ...(typeof message === "string" ? { text: message } : message) };
      return event(person, { message: body }, { fromUs: true, ...options });
    },
    /** All up to the watermark arrived; `mids` is often left out. */
    delivered(person, { watermark = Date.now(), mids, ...options } = {}) {
      only("deliveries", "facebook");
      return event(person, { delivery: { ...(mids && { mids }), watermark } }, options);
    },
    /** Messenger says up to when was read, Instagram which message. */
    read(person, { watermark = Date.now(), mid = account.sent.at(-1)?.id, ...options } = {}) {
      return event(person, { read: isPage ? { watermark } : { mid } }, options);
    },
    react: (person, mid, { reaction = "love", emoji = "❤", ...options } = {}) =>
      event(person, { reaction: { reaction, emoji, action: "react", mid } }, options),
    unreact: (person, mid, options) => event(person, { reaction: { action: "unreact", mid } }, options),
    postback: (person, payload, { title = "Get started", mid = newMid(), referral, ...options } = {}) =>
      event(person, { postback: { mid, title, payload, ...(referral && { referral }) } }, options),
    edit: (person, mid, text, { edits = 1, ...options } = {}) =>
      event(person, { message_edit: { mid, text, num_edit: edits } }, options),
    /** The person took a message back. */
    unsend(person, mid, options) {
      only("messages taken back", "instagram");
      return event(person, { message: { mid, is_deleted: true } }, options);
    },
    unsupported: (person, options) => account.receive(person, { is_unsupported: true }, options),
    storyReply(person, text, { story = { id: "18010000000000001", url: files.add("story", "image/jpeg") }, ...options } = {}) {
      only("stories", "instagram");
      return account.receive(person, { text, reply_to: { story } }, options);
    },
    storyMention(person, { url = files.add("story", "image/jpeg"), ...options } = {}) {
      only("stories", "instagram");
      return account.receive(person, { attachments: [{ type: "story_mention", payload: { url } }] }, options);
    },
    referral: (person, { ref = "spring", source = "SHORTLINK", type = "OPEN_THREAD", ...options } = {}) =>
      event(person, { referral: { ref, source, type } }, options),
    async stop() {
      await files.stop();
      await owned?.stop();
    },
  };
  return account;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const kind = process.argv.includes("--instagram") ? "instagram" : "facebook";
  const account = await startMessenger({ kind, port: portArgument() });
  console.log(`GRAPH_API_BASE=${account.base}\n${kind} ${account.id}\naccess_token ${account.token}\napp_secret ${account.appSecret}`);
  printed(account.sent);
}
