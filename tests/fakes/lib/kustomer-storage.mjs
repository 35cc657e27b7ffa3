// Attachments of the fake Kustomer: records at its API, bytes at a storage of their own that takes signed
// forms as S3 does and gives signed links.

import { createHmac, randomBytes } from "node:crypto";
import { startFiles } from "./files.mjs";
import { invalid, missing, newId, now, shown } from "./kustomer.mjs";
import { Refusal, reply, startServer } from "./server.mjs";

const secret = randomBytes(16);
const xml = (status, code, words) =>
  new Refusal(status, `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${words}</Message></Error>`, { "content-type": "application/xml" });

/** Starts the storage; `seconds` is how long forms and links hold. Gives the attachments and `stop`. */
export async function startAttachments({ seconds = 900 } = {}) {
  const kept = new Map();
  const files = await startFiles();
  const storage = await startServer({ answer: take });

  /** The fields of a form that lets this one file in. */
  function formOf({ id, attributes: { contentType } }) {
    const stamp = now().replace(/[-:]|\.\d+/g, "");
    const until = new Date(Date.now() + attachments.seconds * 1000).toISOString();
    const policy = Buffer.from(JSON.stringify({ expiration: until, id })).toString("base64");
    return {
      key: `uploads/${id}`, acl: "private", "Content-Type": contentType, "X-Amz-Meta-Attachment-Id": id, bucket: "kustomer-uploads",
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": `AKIAFAKE/${stamp.slice(0, 8)}/us-east-1/s3/aws4_request`, "X-Amz-Date": stamp,
      Policy: policy, "X-Amz-Signature": createHmac("sha256", secret).update(policy).digest("hex"),
    };
  }

  async function entriesOf({ headers, raw }) {
    const type = headers["content-type"] ?? "";
    if (!type.startsWith("multipart/form-data")) throw xml(412, "PreconditionFailed", "Bucket POST must be of the enclosure-type multipart/form-data");
    const form = await new Response(raw, { headers: { "content-type": type } }).formData().catch(() => {
      throw xml(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.");
    });
    return [...form];
  }

  async function take(request) {
    const { method, headers } = request;
    if (method !== "POST") throw xml(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
    if (headers.authorization !== undefined) {
      attachments.leaked.push(headers.authorization);
      throw xml(400, "InvalidArgument", "Only one auth mechanism allowed");
    }
    if (headers["content-length"] === undefined) throw xml(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
    const entries = await entriesOf(request);
    const at = entries.findIndex(([name]) => name === "file");
    if (at < 0 || typeof entries[at][1] === "string") throw xml(400, "InvalidArgument", "POST requires exactly one file upload per request.");
    // What stands behind the file is not read.
    const given = Object.fromEntries(entries.slice(0, at));
    const attachment = kept.get(given["X-Amz-Meta-Attachment-Id"]);
    checkForm(given, attachment?.form, entries.slice(0, at).length);
    await store(attachment, entries[at][1]);
    return reply(204);
  }

  function checkForm(given, form, count) {
    const denied = (words) => xml(403, "AccessDenied", `Invalid according to Policy: ${words}`);
    if (!form) throw denied("no such attachment, or fields behind the file");
    for (const [name, value] of Object.entries(form)) if (given[name] !== value) throw denied(`["eq", "$${name}", "…"]`);
    if (count !== Object.keys(form).length) throw denied("Extra input fields");
    const { expiration } = JSON.parse(Buffer.from(given.Policy, "base64"));
    if (Date.now() > Date.parse(expiration)) throw denied("Policy expired.");
  }

  async function store(attachment, file) {
    const { contentLength } = attachment.attributes;
    if (file.size > contentLength) throw xml(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
    if (file.size < contentLength) throw xml(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
    attachment.bytes = Buffer.from(await file.arrayBuffer());
    attachment.attributes.uploaded = true;
  }

  const attachments = {
    kept, files, seconds, leaked: [],
    find(id) {
      if (!kept.has(id)) throw missing("attachment");
      return kept.get(id);
    },
    /** A new attachment; with `bytes` it has been uploaded, else there is a form, unless it is kept elsewhere. */
    create(attributes, bytes) {
      const attachment = { type: "attachment", id: newId(), attributes: { ...attributes, uploaded: bytes !== undefined, createdAt: now(), updatedAt: now() }, bytes };
      kept.set(attachment.id, attachment);
      if (bytes === undefined && attributes.externalUrl === undefined) attachment.form = formOf(attachment);
      const data = shown(attachment);
      return attachment.form ? { data, meta: { upload: { url: `${storage.base}/`, fields: attachment.form } } } : { data };
    },
    /** What a message refers to: attachments whose bytes are there, named as they are. */
    referenced: (given) => given.map((one, n) => {
      const pointer = `/attachments/${n}`;
      const attachment = kept.get(one._id ?? one);
      if (!attachment) throw invalid(pointer, "does not exist");
      const { attributes } = attachment;
      if (!attributes.uploaded && !attributes.externalUrl) throw invalid(pointer, "was not uploaded");
      for (const name of ["name", "contentType", "contentLength"]) {
        if (one._id && one[name] !== attributes[name]) throw invalid(`${pointer}/${name}`, "is not that of the attachment");
      }
      return attachment;
    }),
    /** An attachment as answers have it, with a fresh link to its bytes. */
    linked(attachment) {
      const { externalUrl, contentType } = attachment.attributes;
      const related = externalUrl ?? files.add(attachment.bytes, contentType, { seconds: attachments.seconds });
      return shown({ ...attachment, links: { related } });
    },
    async stop() {
      await files.stop();
      await storage.stop();
    },
  };
  return attachments;
}
