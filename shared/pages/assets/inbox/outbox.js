// Messages on their way: shown at once, sent with a key of their own, so that trying again is safe.

const TRIES = 4;
const FIRST_WAIT = 1000;

/** `changed(conversationId)` is called whenever what waits changed; `took(id, messages)` with what the server made of it. */
export function createOutbox(api, { changed, took, refused }) {
  const sends = new Map();
  const of = (id) => sends.get(id) ?? [];

  function remove(send) {
    sends.set(send.conversation, of(send.conversation).filter((one) => one !== send));
    changed(send.conversation);
  }

  async function attempt(send) {
    send.status = "sending";
    send.error = null;
    changed(send.conversation);
    for (let n = 1; ; n += 1) {
      try {
        const answer = await api.send(send.body, send.key);
        took(send.conversation, answer.messages?.length ? answer.messages : [answer.message]);
        return remove(send);
      } catch (error) {
        if (!error.passing || n === TRIES) return fail(send, error);
        // Of ten pages that lost the server at once, not all come back in the same second.
        await pause(FIRST_WAIT * 2 ** (n - 1) * (0.5 + Math.random()));
      }
    }
  }

  function fail(send, error) {
    send.status = "failed";
    send.error = { code: error.code, message: error.message };
    // A key remembers a refusal; only what never got an answer is tried again under the same one.
    if (!error.passing) send.key = crypto.randomUUID();
    changed(send.conversation);
    refused(send.conversation, error);
  }

  return {
    /** Sends; `files` and `known` (ids that the thread had before) serve to show and to recognise it. */
    send(conversation, body, { files = [], known = [], preview = "" } = {}) {
      const send = { conversation, body, files, known: new Set(known), preview, key: crypto.randomUUID(), created_at: new Date().toISOString() };
      sends.set(conversation, [...of(conversation), send]);
      void attempt(send);
      return send;
    },
    retry: (key) => withKey(sends, key, (send) => void attempt(send)),
    discard: (key) => withKey(sends, key, remove),
    body: (key) => withKey(sends, key, (send) => ({ body: send.body, files: send.files })),
    busy: () => [...sends.values()].flat().some((send) => send.status === "sending"),
    /** What waits in a conversation, without what the thread shows already because a poll was faster than the answer. */
    waiting: (id, messages) => unseen(of(id), messages).map(asMessage),
    /** Forgets failures which the server turned into messages of the thread. */
    settle(id, messages) {
      const left = unseen(of(id), messages);
      if (left.length < of(id).length) sends.set(id, of(id).filter((send) => left.includes(send) || send.status === "sending"));
    },
  };
}

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

function withKey(sends, key, use) {
  const send = [...sends.values()].flat().find((one) => one.key === key);
  return send && use(send);
}

function unseen(sends, messages) {
  const claimed = new Set();
  return sends.filter((send) => {
    const twin = messages.find((message) => message.direction === "outbound" && !send.known.has(message.id) && !claimed.has(message.id) && isTwin(send, message));
    if (twin) claimed.add(twin.id);
    return !twin;
  });
}

function isTwin(send, message) {
  if (send.body.template) return message.type === "template";
  const content = message.content ?? "";
  if (content === (send.body.content ?? "")) return true;
  // The channel may have split the text, or sent the files as messages of their own.
  return content ? send.body.content.startsWith(content) : message.attachments?.some((file) => send.body.attachments?.includes(file.id));
}

const asMessage = (send) => ({
  id: `local-${send.key}`, local: send.key, direction: "outbound", type: send.body.template ? "template" : "text",
  content: send.body.template ? send.preview : send.body.content, status: send.status, error: send.error, created_at: send.created_at,
  reply_to: send.body.reply_to ?? null, detail: send.body.subject ? { subject: send.body.subject } : null,
  attachments: send.files.map((file) => ({ ...file, state: "ready" })),
});
