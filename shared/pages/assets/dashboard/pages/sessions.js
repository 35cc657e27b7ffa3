// Who is signed in, and ending that.

import { el, named } from "../../dom.js";
import { confirmAct } from "../acts.js";
import { pagedList } from "../lists.js";
import { button, empty, light, when } from "../ui.js";

export async function show(app) {
  const list = pagedList(app, {
    label: "Sessions",
    load: async () => ({ rows: (await app.api.get("sessions", null, { signal: app.signal })).sessions, next: null }),
    none: () => empty("Nobody is signed in", "Sessions end 12 hours after their last use, and after 7 days at the latest."),
    columns: [
      { title: "Who", cell: (session) => [named(session.support_reason ? "Support, by the operator" : session.member_name || (session.key_id ? `Key ${session.key_id}` : "A member")), session.support_reason && el("span", { class: "sub", dir: "auto" }, session.support_reason), session.current && el("span", { class: "sub" }, light("good", "This one"))] },
      { title: "Since", cell: ({ created_at }) => when(created_at) },
      { title: "Until", cell: ({ expires_at }) => when(expires_at) },
      { title: "", kind: "acts", cell: (session) => button(session.current ? "Sign out" : "End", () => end(app, session)) },
    ],
  });
  await list.ready;
  return [list];
}

async function end(app, session) {
  const done = await confirmAct(session.current ? "Sign out?" : "End this session?", el("p", null, session.current ? "You are signed out here, at once." : "Whoever uses it is signed out at once, and may sign in again."), session.current ? "Sign out" : "End",
    () => app.api.remove(`sessions/${encodeURIComponent(session.id)}`), { done: "The session is over." });
  if (done) app.reload();
}
