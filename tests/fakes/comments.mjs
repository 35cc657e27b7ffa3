// Comments on the posts of a Facebook page at Meta, on loopback: what people write and the page answers, hides and
// deletes, with closed schemas and Meta's errors, and the webhooks of all of it, the page's own comments included.
// A page stands on a host of its own, or on that of another fake of Meta's (`on`).
//
// Run alone: node tests/fakes/comments.mjs [--port N]

import { randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";
import { checkComment, checkHide, checkPrivateReply, gone } from "./lib/comments.mjs";
import { startFiles } from "./lib/files.mjs";
import { jsonOf, post, refusal, selected, signed, startMeta } from "./lib/meta.mjs";
import { portArgument, printed } from "./lib/server.mjs";

const FIELDS = ["feed", "mention", "ratings"];
const seconds = (millis) => Math.floor(millis / 1000);

/**
 * Starts a page. `echo` "after", "before" or "off" says when the webhook of the page's own comment comes, by its
 * answer; `names` whether the app may see who comments.
 */
export async function startComments({
  on,
  port = 0,
  id = "109780001234567",
  name = "Corner Shop",
  token = "EAAcommentstoken",
  appSecret = "app-secret",
  appId = "670843887433847",
  names = true,
  echo = "after",
  callback,
} = {}) {
  const failures = [];
  const pending = new Set();
  const files = await startFiles();
  const owned = on ? undefined : await startMeta({ port });
  const host = on ?? owned;
  let last = 690_891_113_073_000;
  const next = () => String((last += 1));

  function subscribedApps({ method, url }) {
    if (method === "GET") return { data: page.subscribed.length > 0 ? [{ id: appId, name: "Tieline", subscribed_fields: page.subscribed }] : [] };
    const fields = method === "DELETE" ? [] : (url.searchParams.get("subscribed_fields") ?? "").split(",");
    const odd = fields.find((field) => !FIELDS.includes(field));
    if (odd !== undefined) throw refusal(400, 100, `(#100) Param subscribed_fields must be one of {${FIELDS.join(", ")}} - got "${odd}".`);
    page.subscribed = fields;
    return { success: true };
  }

  /** A comment below a post or below another; a reply to a reply stands below it, as the API has it. */
  function added(by, parent, said, { at = Date.now(), photo } = {}) {
    const of = page.comments.get(parent);
    const target = of?.post ?? parent;
    const written = {
      id: `${target.split("_")[1]}_${next()}`, post: target, parent, at, photo,
      from: by === id ? { id, name } : { id: by, name: page.people.get(by) ?? "Joe Bloggs" },
      message: said, hidden: false, repliedPrivately: false,
    };
    page.comments.set(written.id, written);
    return written;
  }

  async function answered(request, node) {
    if (!page.comments.has(node) && !page.posts.has(node)) throw gone(node);
    const body = jsonOf(request);
    const image = await checkComment(body);
    const photo = image && files.add("image", image.type);
    const own = added(id, node, body.message, { photo });
    page.sent.push({ id: own.id, to: node, body, image });
    if (page.echo === "before") await page.told("add", own);
    if (page.echo === "after") later(() => page.told("add", own));
    return { id: own.id };
  }

  function repliedPrivately(request) {
    const body = jsonOf(request);
    const comment = checkPrivateReply(body, page);
    comment.repliedPrivately = true;
    const mid = `m_${randomBytes(24).toString("base64url")}`;
    page.privately.push({ id: mid, body });
    return { recipient_id: comment.from.id, message_id: mid };
  }

  function changed(request, comment) {
    const { method } = request;
    if (method === "DELETE") {
      page.comments.delete(comment.id);
      later(() => page.told("remove", comment, { from: { id, name } }));
      return { success: true };
    }
    const body = jsonOf(request);
    checkHide(body, comment, id);
    if (comment.hidden !== body.is_hidden) {
      comment.hidden = body.is_hidden;
      later(() => page.told(body.is_hidden ? "hide" : "unhide", comment, { from: { id, name } }));
    }
    return { success: true };
  }

  /** Does something once the answer is on its way; `settled` waits for it. */
  function later(work) {
    const done = new Promise((resolve) => setImmediate(resolve)).then(work)
      .catch((error) => page.deliveries.push({ error: String(error.cause?.code ?? error) }))
      .finally(() => pending.delete(done));
    pending.add(done);
  }

  function answer(request, [node, edge, ...rest], version) {
    const { method, url } = request;
    if (version === undefined || rest.length > 0) return undefined;
    const isSelf = [id, "me"].includes(node);
    if (edge === "comments" && method === "POST") return answered(request, node);
    if (isSelf && edge === "messages" && method === "POST") return repliedPrivately(request);
    if (isSelf && edge === "subscribed_apps") return subscribedApps(request);
    if (edge !== undefined) return undefined;
    if (isSelf && method === "GET") return selected({ id, name }, url.searchParams.get("fields"), "Page");
    const comment = page.comments.get(node);
    return comment && ["POST", "DELETE"].includes(method) ? changed(request, comment) : undefined;
  }

  host.mount({ token: () => page.token, failures, answer });

  async function deliver(entries, { secret = page.appSecret, to = page.callback } = {}) {
    if (!to) return undefined;
    const delivery = { object: "page", entry: entries };
    const response = await post(to, signed(delivery, secret));
    page.deliveries.push({ delivery, status: response.status });
    return response;
  }

  const entryOf = (value, at = Date.now()) => ({ id, time: seconds(at), changes: [{ field: "feed", value }] });

  const page = {
    base: host.base, kind: "facebook_comments", id, name, token, appSecret, appId, callback, echo, names, files,
    subscribed: ["feed"],
    posts: new Map(), comments: new Map(),
    /** Names of people by their ids. */
    people: new Map(),
    /** Public answers, and private ones. */
    sent: [], privately: [], deliveries: [],
    fail: (...what) => failures.push(...what),
    /** Waits for the webhooks under way. */
    settled: () => Promise.all(pending),
    deliver, entryOf,
    /** A post of the page; `tells` whether webhooks say what it says. */
    publish(message, { tells = true } = {}) {
      const made = `${id}_${next()}`;
      page.posts.set(made, { message: tells ? message : undefined, url: `https://www.facebook.com/corner.shop/posts/${made.split("_")[1]}` });
      return made;
    },
    /** The value of a change. Of what is no `add`, its time is when it was done. */
    valueOf(verb, comment, { at = verb === "add" ? comment.at : Date.now(), from = comment.from } = {}) {
      const { message, url } = page.posts.get(comment.post);
      return {
        ...(page.names || from.id === id ? { from } : {}),
        post: {
          status_type: "mobile_status_update", is_published: true, updated_time: "2026-11-20T06:52:51+0000",
          permalink_url: url, promotion_status: "inactive", id: comment.post, ...(message !== undefined && { message }),
        },
        ...(comment.message !== undefined && verb !== "remove" && { message: comment.message }),
        ...(comment.photo !== undefined && verb === "add" && { photo: comment.photo }),
        post_id: comment.post, comment_id: comment.id, created_time: seconds(at), item: "comment",
        parent_id: comment.parent, verb,
      };
    },
    told: (verb, comment, options) => deliver([entryOf(page.valueOf(verb, comment, options))], options),
    /** Somebody comments on a post, or on a comment; gives the comment, and how the webhook was answered. */
    async comment(by, parent, message, options = {}) {
      const comment = added(by, parent, message, options);
      const response = await page.told("add", comment, options);
      return { ...comment, status: response?.status };
    },
    /** The page comments in Facebook's own pages, or another app. */
    commentElsewhere: (parent, message, options) => page.comment(id, parent, message, options),
    edit(commentId, message, options) {
      const comment = page.comments.get(commentId);
      comment.message = message;
      return page.told("edited", comment, options);
    },
    /** Its writer takes it back, or somebody at Facebook deletes it. */
    remove(commentId, options) {
      const comment = page.comments.get(commentId);
      page.comments.delete(commentId);
      return page.told("remove", comment, options);
    },
    /** Somebody hides it, or shows it again, in Facebook's own pages. */
    hide(commentId, isHidden = true, options = {}) {
      const comment = page.comments.get(commentId);
      comment.hidden = isHidden;
      return page.told(isHidden ? "hide" : "unhide", comment, { from: { id, name }, ...options });
    },
    /** What is no comment comes by the same field. */
    react: (by, parent, options) => deliver([entryOf({
      from: { id: by, name: "Joe Bloggs" }, item: "reaction", verb: "add", reaction_type: "like",
      parent_id: parent, post_id: page.comments.get(parent)?.post ?? parent, created_time: seconds(Date.now()),
    })], options),
    async stop() {
      await files.stop();
      await owned?.stop();
    },
  };
  return page;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const page = await startComments({ port: portArgument() });
  console.log(`GRAPH_API_BASE=${page.base}\nfacebook_comments ${page.id}\naccess_token ${page.token}\napp_secret ${page.appSecret}`);
  printed(page.sent);
}
