// Addresses of the dashboard. Pure.

/** Below which all pages are. */
export const BASE = "/dashboard";
export const SIGN_IN = `${BASE}/sign-in`;

/** The page of a path and what follows it: "/dashboard/webhooks/7" is { page: "webhooks", rest: ["7"] }. */
export function parted(pathname) {
  const [page = "", ...rest] = pathname.slice(BASE.length).split("/").filter(Boolean).map(decoded);
  return { page, rest };
}

function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The path of a page: `pathOf("webhooks", id)`. */
export const pathOf = (...segments) => [BASE, ...segments.filter((one) => one !== "").map(encodeURIComponent)].join("/");

/** Where to go after signing in: a path of the dashboard, or its first page for anything else. */
export function safeNext(text, origin) {
  if (typeof text !== "string" || !text.startsWith("/") || /[\\\s]/.test(text)) return BASE;
  let url;
  try {
    url = new URL(text, origin);
  } catch {
    return BASE;
  }
  const isOurs = url.origin === origin && (url.pathname === BASE || url.pathname.startsWith(`${BASE}/`));
  if (!isOurs || url.pathname === SIGN_IN || url.pathname.startsWith(`${BASE}/assets`)) return BASE;
  return url.pathname + url.hash;
}

/** The address of the sign-in page, which leads back. */
export const signInAt = (pathname, hash = "") => (pathname === BASE ? SIGN_IN : `${SIGN_IN}?next=${encodeURIComponent(pathname + hash)}`);

/** What filters an address has, behind its `#`, where no server sees them. */
export const filtersOf = (hash) => Object.fromEntries(new URLSearchParams(hash.replace(/^#/, "")));

/** An address's `#…` with these filters; those that are empty are left out. */
export function hashOf(filters) {
  const given = Object.entries(filters).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return given.length ? `#${new URLSearchParams(given)}` : "";
}
