// API keys.

import { ago, fresh, missing } from "./dashboard-world.mjs";

const key = (id, name, scopes, more = {}) => ({ id, name, scopes, created_at: ago(40_000), expires_at: null, last_used_at: null, revoked_at: null, ...more });

export const keysOf = (text) => ({
  keys: [
    key("a1b2c3d4e5f6", text("CRM sync"), ["customers:read", "customers:write"], { last_used_at: ago(4) }),
    key("b1b2c3d4e5f6", text("Reporting"), ["messages:read"], { expires_at: ago(-20_000) }),
    key("c1b2c3d4e5f6", text("Old key"), ["admin"], { revoked_at: ago(500), last_used_at: ago(700) }),
  ],
});

export const KEYS = {
  key_list: ({ world }) => ({ json: { keys: world.keys } }),
  key_create({ world, body }) {
    const made = key(fresh().slice(-12), body.name, body.scopes, { created_at: ago(0), expires_at: body.expires_at ?? null });
    world.keys.unshift(made);
    return { status: 201, json: { key: made, api_key: `tl_${made.id}_${"s".repeat(32)}` } };
  },
  key_revoke({ world, params }) {
    const found = world.keys.find((one) => one.id === params.id);
    if (!found) throw missing("key");
    found.revoked_at ??= ago(0);
    return { status: 204 };
  },
};
