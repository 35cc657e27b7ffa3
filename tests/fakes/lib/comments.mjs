// What the Graph API takes for comments of a page: closed, with Meta's limits and errors, as channels.md §3.7 says.

import { checksOf, isFetchable } from "./checks.mjs";
import { fetched } from "./files.mjs";
import { invalid, refusal } from "./meta.mjs";

const { closed, text, oneOf } = checksOf((words) => invalid(words));

const WINDOW_MILLIS = 7 * 24 * 3600 * 1000;
const IMAGE_BYTES = 4 << 20;
const IMAGES = ["image/jpeg", "image/png", "image/gif"];

/** An object that is not there, or not for this token. */
export const gone = (id) => refusal(400, 100, `Unsupported request. Object with ID '${id}' does not exist`, { subcode: 33 });

/** Refuses what `/{object}/comments` does; gives the image of what it takes. */
export async function checkComment(body) {
  closed(body, ["message", "attachment_url"], "body");
  if (body.message !== undefined) text(body.message, "message", 8000);
  if (body.attachment_url === undefined) {
    if (body.message === undefined) throw refusal(400, 100, "(#100) One of message and attachment is required");
    return undefined;
  }
  if (!isFetchable(body.attachment_url)) throw invalid("attachment_url is not a valid https URL");
  const file = await fetched(body.attachment_url);
  const problem = file.problem
    ?? (IMAGES.includes(file.type) ? undefined : `the type ${file.type}`)
    ?? (file.bytes.length > IMAGE_BYTES ? `${file.bytes.length} bytes` : undefined);
  if (problem) throw refusal(400, 100, `(#100) The image cannot be used: ${problem}`);
  return { type: file.type, size: file.bytes.length };
}

/** Refuses what hiding does. */
export function checkHide(body, comment, page) {
  closed(body, ["is_hidden"], "body", ["is_hidden"]);
  oneOf(body.is_hidden, [true, false], "is_hidden");
  if (comment.from.id === page) throw refusal(403, 200, "(#200) Permissions error");
}

/** Refuses what a private reply does; gives the comment that it is to. */
export function checkPrivateReply(body, page) {
  closed(body, ["recipient", "messaging_type", "message"], "body", ["recipient", "messaging_type", "message"]);
  closed(body.recipient, ["comment_id"], "recipient", ["comment_id"]);
  oneOf(body.messaging_type, ["RESPONSE"], "messaging_type");
  closed(body.message, ["text"], "message", ["text"]);
  text(body.message.text, "message.text", 2000);
  const comment = page.comments.get(body.recipient.comment_id);
  if (!comment) throw gone(body.recipient.comment_id);
  if (comment.from.id === page.id) throw refusal(400, 10903, "(#10903) This user cant reply to this activity");
  if (comment.repliedPrivately) throw refusal(400, 10900, "(#10900) Activity already replied to");
  if (Date.now() - comment.at > WINDOW_MILLIS) {
    throw refusal(403, 10, "(#10) This message is sent outside of allowed window.", { subcode: 2018278 });
  }
  return comment;
}
