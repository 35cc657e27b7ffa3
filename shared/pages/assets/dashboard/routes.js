// The pages. To add one:
//
// 1. Write pages/<name>.js, which exports `async function show(app)`. It gives the page's elements, built with ui.js, lists.js
//    and forms.js. `app` has:
//      api          get, post, put, patch, remove below /api/dashboard/ (api.js); they throw ApiError
//      me           business, member and role, as GET /api/dashboard/me says them
//      against(r)   why this person may not do what takes the role r, or null: hand it to `disabled` of buttons and forms
//      rest         what follows the page's name in the path: /dashboard/webhooks/7 is ["7"]
//      filters      what stands behind the `#` of the address; setFilters(all) writes it, so that the address can be shared
//      go(path)     shows another page; links to pages need nothing; reload() shows this one afresh
//      signal       is aborted when the page is left: give it to what waits, and end timers by it
//      name(text)   names what the page shows, for the title and for screen readers
// 2. Add a row here. A page's module is loaded when it is opened, so that the first view stays small.
// 3. Name the file in functions/dashboard-pages/src/files.rs, and the module with its modules in tests/browser/dashboard.mjs.
//
// Texts of others are given to `el` as strings: they become text nodes. A page calls what docs/endpoints.md has.

/**
 * `least`: the role that reads it; others see why they do not. `icon`: a symbol of the shell. `isOpen`: it is no member's, so
 * it is shown to who is not signed in, has no `me`, and stands in no navigation.
 */
export const ROUTES = [
  { page: "", title: "Start", icon: "start", group: "", load: () => import("./pages/start.js") },
  { page: "inbox", title: "Inbox", icon: "inbox", group: "", load: () => import("./pages/inbox.js") },
  { page: "customers", title: "Customers", icon: "people", group: "", load: () => import("./pages/customers.js") },
  { page: "channels", title: "Channels", icon: "channel", group: "Connect", load: () => import("./pages/channels.js") },
  { page: "webhooks", title: "Webhooks", icon: "hook", group: "Connect", load: () => import("./pages/webhooks.js") },
  { page: "integrations", title: "Integrations", icon: "plug", group: "Connect", load: () => import("./pages/integrations.js") },
  { page: "crm-links", title: "CRM links", icon: "link", group: "Connect", load: () => import("./pages/crm-links.js") },
  { page: "api-keys", title: "API keys", icon: "key", group: "Connect", least: "admin", load: () => import("./pages/api-keys.js") },
  { page: "status", title: "Status", icon: "pulse", group: "Watch", load: () => import("./pages/status.js") },
  { page: "analytics", title: "Analytics", icon: "chart", group: "Watch", load: () => import("./pages/analytics.js") },
  { page: "alerts", title: "Alerts", icon: "bell", group: "Watch", load: () => import("./pages/alerts.js") },
  { page: "api-log", title: "API log", icon: "log", group: "Watch", load: () => import("./pages/api-log.js") },
  { page: "settings", title: "Settings", icon: "gear", group: "Business", load: () => import("./pages/settings.js") },
  { page: "operator", title: "Operator", isOpen: true, load: () => import("./pages/operator.js") },
];
