// Dashboard apps of the fake Chatwoot: frames that stand beside a conversation. Any user may make them.

import { closed, invalid, iso, isObject, missing, rails } from "./chatwoot.mjs";
import { reply } from "./server.mjs";

const KEYS = ["title", "content"];

export function dashboardAppsOf(clock) {
  const apps = [];
  let lastId = 0;
  const find = (id) => apps.find((one) => String(one.id) === id) ?? (() => { throw missing(); })();
  const shown = ({ id, title, content, created_at }) => ({ id, title, content, created_at: iso(created_at) });

  function checked(body, isNew) {
    const given = isObject(body) ? body.dashboard_app ?? body : {};
    closed(given, KEYS, "dashboard_app");
    for (const frame of Array.isArray(given.content) ? given.content : []) if (isObject(frame)) closed(frame, ["url", "type"], "content");
    if (isNew || given.content !== undefined) {
      const isFrame = (one) => isObject(one) && one.type === "frame" && typeof one.url === "string" && /^https?:\/\//.test(one.url) && URL.canParse(one.url);
      if (!Array.isArray(given.content) || given.content.length === 0 || !given.content.every(isFrame)) throw invalid({ content: ": Invalid data" });
    }
    // The model does not ask for a title; the column does.
    if (isNew && typeof given.title !== "string") throw rails(500, "Internal Server Error");
    return given;
  }

  return {
    apps,
    routes: [
      ["GET", "/dashboard_apps", "any", () => apps.map(shown)],
      ["POST", "/dashboard_apps", "any", ({ body, user }) => {
        const values = checked(body, true);
        const app = { id: (lastId += 1), ...values, user_id: user.id, created_at: clock.now() };
        apps.push(app);
        return shown(app);
      }],
      ["GET", "/dashboard_apps/:id", "any", ({ id }) => shown(find(id))],
      ...["PATCH", "PUT"].map((method) => [method, "/dashboard_apps/:id", "any", ({ id, body }) => shown(Object.assign(find(id), checked(body, false)))]),
      ["DELETE", "/dashboard_apps/:id", "any", ({ id }) => {
        apps.splice(apps.indexOf(find(id)), 1);
        return reply(204);
      }],
    ],
  };
}
