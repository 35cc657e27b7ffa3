// Navigation: beside the page, or a drawer where there is no room.

import { byId, el, fill, icon, iconButton, named } from "../dom.js";
import { pathOf } from "./address.js";
import { ROUTES } from "./routes.js";

/** Builds bar and navigation. Gives { current(page), close() }, which says whether it was open. */
export function createNav(app, { signOut }) {
  const links = new Map();
  const listed = ROUTES.filter((route) => !route.isOpen);
  const groups = [...new Set(listed.map((route) => route.group))];
  const list = (group) => el("ul", null, listed.filter((route) => route.group === group).map((route) => {
    const link = el("a", { href: pathOf(route.page), class: "nav-link" }, icon(route.icon), el("span", null, route.title));
    links.set(route.page, link);
    return el("li", null, link);
  }));
  // A session that an admin key opened is an owner's; the operator's support is never one.
  const person = app.me.member?.name || app.me.member?.email || (app.me.role === "owner" ? "Admin key" : "Support");
  fill(byId("nav"),
    el("p", { class: "brand" }, named(app.me.business.name || "Tieline")),
    groups.map((group) => [group && el("p", { class: "nav-group" }, group), list(group)]),
    el("div", { class: "nav-foot" },
      el("p", { class: "nav-person" }, named(person), el("span", { class: "faint" }, app.me.role)),
      el("button", { type: "button", class: "nav-link", click: signOut }, icon("out", null, "flip"), el("span", null, "Sign out"))));

  const menu = iconButton("menu", "Open the navigation", () => toggle());
  menu.setAttribute("aria-controls", "nav");
  fill(byId("bar"), menu, el("span", { class: "bar-name" }, named(app.me.business.name || "Tieline")));
  const shade = el("div", { class: "shade", click: () => toggle(false) });
  byId("app").append(shade);

  const isOpen = () => byId("app").dataset.nav === "open";
  function toggle(open = !isOpen()) {
    byId("app").dataset.nav = open ? "open" : "closed";
    menu.setAttribute("aria-expanded", String(open));
    menu.setAttribute("aria-label", open ? "Close the navigation" : "Open the navigation");
    // What lies behind the drawer is out of reach while it is open.
    byId("main").inert = open;
    if (open) byId("nav").querySelector("a").focus();
  }
  matchMedia("(min-width: 841px)").addEventListener("change", () => toggle(false));

  toggle(false);
  byId("nav").hidden = byId("bar").hidden = false;
  return {
    current(page) {
      for (const [name, link] of links) name === page ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
      toggle(false);
    },
    close() {
      const was = isOpen();
      toggle(false);
      if (was) menu.focus();
      return was;
    },
  };
}
