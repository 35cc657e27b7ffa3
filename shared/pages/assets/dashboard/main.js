// The dashboard. Finds out who is there, then shows the page of the path. Pages that are open to others than members find out
// for themselves who is there, and have no navigation.

import { listShortcuts } from "../dialog.js";
import { announce, byId, el, fill, toast } from "../dom.js";
import { BASE, SIGN_IN, filtersOf, hashOf, parted, pathOf, signInAt } from "./address.js";
import { createApi, reasonAgainst } from "./api.js";
import { createNav } from "./nav.js";
import { ROUTES } from "./routes.js";
import { failure, pageHead } from "./ui.js";

const app = {
  api: createApi(leave),
  me: null,
  against: (least) => reasonAgainst(app.me.role, least),
  go,
  reload: () => show({ keepsPlace: true }),
  setFilters(filters) {
    app.filters = filters;
    history.replaceState(null, "", location.pathname + hashOf(filters));
  },
  name(text) {
    document.title = `${text} · ${app.me?.business.name || "Tieline"}`;
  },
};
let nav = null;
let leaving = new AbortController();
let isGone = false;

// Nobody is signed in any more, or not yet.
function leave() {
  isGone = true;
  location.replace(signInAt(location.pathname, location.hash));
}

async function signOut() {
  try {
    const { sessions } = await app.api.get("sessions");
    const current = sessions.find((one) => one.current);
    if (current) await app.api.remove(`sessions/${encodeURIComponent(current.id)}`);
  } catch (error) {
    if (!isGone) return toast(`You are still signed in: ${error.message}`);
  }
  location.assign(SIGN_IN);
}

const routeOf = (pathname) => ROUTES.find((one) => one.page === parted(pathname).page);
const isOpen = (pathname) => Boolean(routeOf(pathname)?.isOpen);

function go(path) {
  // Who is there on one side is nobody on the other.
  if (isOpen(path.split("#")[0]) !== isOpen(location.pathname)) return location.assign(path);
  history.pushState(null, "", path);
  void show();
}

/** Shows the page of the address. `keepsPlace`: the page was there before, so the focus stays where it is. */
async function show({ keepsPlace = false, isFirst = false } = {}) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const { page, rest } = parted(location.pathname);
  const route = routeOf(location.pathname);
  const main = byId("main");
  nav?.current(page);
  app.name(route?.title ?? "Not found");
  // A page has an object of its own, so that one that was left cannot write into the next.
  const own = { ...app, signal, rest, route, filters: filtersOf(location.hash) };
  own.setFilters = (filters) => !signal.aborted && app.setFilters((own.filters = filters));
  main.setAttribute("aria-busy", "true");
  const slow = setTimeout(() => !signal.aborted && !keepsPlace && fill(main, el("p", { class: "faint loading" }, "Loading…")), 150);
  let content;
  try {
    content = await contentOf(route, own);
  } catch (error) {
    if (!signal.aborted) content = [pageHead(route.title), failure(error, app.reload)];
  }
  clearTimeout(slow);
  if (signal.aborted || isGone) return;
  fill(main, content);
  main.setAttribute("aria-busy", "false");
  performance.mark("tieline:usable");
  // The first page begins where every page of a browser does; what follows has to be told to who does not see it.
  if (keepsPlace || isFirst) return;
  window.scrollTo(0, 0);
  main.focus({ preventScroll: true });
  announce(document.title);
}

async function contentOf(route, own) {
  if (!route) return [pageHead("Not found"), el("p", null, "There is no such page. ", el("a", { href: BASE }, "Go to the start"), ".")];
  const against = route.least && app.against(route.least);
  if (against) return [pageHead(route.title), el("p", { class: "note" }, against)];
  const module = await route.load();
  return module.show(own);
}

// Links between pages load nothing but the page.
function follow(event) {
  const link = event.target.closest?.("a[href]");
  if (link?.classList.contains("skip")) {
    event.preventDefault();
    return byId("main").focus();
  }
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const url = new URL(link.href);
  const isPage = url.origin === location.origin && (url.pathname === BASE || url.pathname.startsWith(`${BASE}/`)) && url.pathname !== SIGN_IN;
  if (!isPage || link.target || link.download) return;
  event.preventDefault();
  go(url.pathname + url.hash);
}

const SHORTCUTS = [["?", "These shortcuts"], ["/", "Search or filter what is listed"], ["g  s", "To the start"], ["Esc", "Close, cancel"]];
let before = "";

function press(event) {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    if (nav?.close()) event.preventDefault();
    return;
  }
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const search = document.querySelector("main [data-search]");
  if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "?") {
    listShortcuts(SHORTCUTS);
  } else if (before === "g" && event.key === "s") {
    go(nav ? BASE : pathOf(parted(location.pathname).page));
  }
  before = event.key;
}

async function start() {
  if (location.pathname === SIGN_IN) {
    const { showSignIn } = await import("./pages/sign-in.js");
    return showSignIn();
  }
  if (!isOpen(location.pathname)) {
    try {
      app.me = await app.api.get("me");
    } catch (error) {
      if (!isGone) fill(byId("main"), el("h1", null, "Tieline"), failure(error, () => location.reload()));
      return;
    }
    app.api.session.csrf = app.me.csrf_token;
    nav = createNav(app, { signOut });
  }
  document.addEventListener("click", follow);
  document.addEventListener("keydown", press);
  addEventListener("popstate", () => void show());
  await show({ isFirst: true });
}

void start();
