// The embedded inbox, in the name of the member who is signed in.

import { el, fill } from "../../dom.js";
import { button, failure } from "../ui.js";

export async function show(app) {
  const notice = el("div", { class: "inbox-notice" });
  const frame = el("iframe", { class: "inbox-frame", title: "Inbox" });

  async function open() {
    const { embed_url: url } = await app.api.post("inbox-session", undefined, { signal: app.signal });
    const { pathname, search, hash } = new URL(url);
    fill(notice);
    // Of this origin, whatever the deployment is called: nothing else may be framed here.
    frame.src = pathname + search + hash;
  }

  const openAgain = () => open().catch((error) => !app.signal.aborted && fill(notice, failure(error, openAgain)));

  // It is not replaced by itself: it still shows what was written and not sent.
  function over(event) {
    if (event.source !== frame.contentWindow || event.origin !== location.origin || event.data?.type !== "tieline:expired") return;
    fill(notice, el("div", { class: "note", role: "status" }, "The inbox closed after a while, for safety. Copy what you have not sent, then open it again. ", button("Open again", openAgain)));
  }

  await open();
  addEventListener("message", over, { signal: app.signal });
  return [el("h1", { class: "unseen" }, "Inbox"), notice, frame];
}
