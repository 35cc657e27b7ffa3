// Where one begins: what is left to set up, and then how it goes.

import { el } from "../../dom.js";
import { pathOf } from "../address.js";
import { orElse } from "../api.js";
import { attentionSection, lightOf } from "../health.js";
import { codeBlock, later, linkButton, pageHead, section } from "../ui.js";

const base = () => `${location.origin}/functions/v1`;

// scripts/dev starts its sandbox at the port after its own.
const sandbox = () => ["127.0.0.1", "localhost"].includes(location.hostname) && `http://127.0.0.1:${Number(location.port) + 1}/`;
const inSandbox = (before, after) => sandbox() && el("p", { class: "faint" }, before, " ", el("a", { href: sandbox(), target: "_blank", rel: "noopener" }, "the sandbox"), after);

export async function show(app) {
  const get = (path, query) => orElse(app.api.get(path, query, { signal: app.signal }));
  const since = new Date(Date.now() - 30 * 86_400_000).toISOString();
  const said = (direction) => get("/api-messages-since", { since, limit: 1, direction });
  const [channels, keys, hooks, received, sent, status] = await Promise.all([
    get("channels"), app.against("admin") ? null : get("api-keys"), get("webhooks"), said("inbound"), said("outbound"), get("status"),
  ]);
  const known = {
    channels: channels?.channels ?? [], keys: keys?.keys.filter((key) => !key.revoked_at), hooks: hooks?.webhooks ?? [], message: received?.messages?.[0], isAnswered: sent?.messages?.length > 0, status,
    delivered: await anyDelivered(app, hooks?.webhooks ?? []),
  };
  const steps = stepsOf(known);
  const isSetUp = steps.every(({ done }) => done);
  return [
    pageHead("Start", isSetUp ? "Everything is set up." : "Five steps, and the first message comes in and goes on to your system."),
    attention(known),
    !isSetUp && section("Set up", el("ol", { class: "steps" }, steps.map(stepOf))),
    later(() => figures(app)),
    health(known.status),
    isSetUp && el("details", { class: "panel" }, el("summary", null, "The steps of setting up"), el("ol", { class: "steps" }, steps.map(stepOf))),
  ];
}

async function anyDelivered(app, hooks) {
  if (hooks.length === 0) return false;
  const found = await Promise.all(hooks.slice(0, 3).map(({ id }) => orElse(app.api.get(`webhooks/${encodeURIComponent(id)}/deliveries`, { status: "delivered", limit: 1 }, { signal: app.signal }))));
  return found.some((page) => page?.deliveries.length > 0);
}

function stepsOf({ channels, keys, hooks, message, isAnswered, delivered }) {
  const works = channels.find((channel) => channel.status === "active" && channel.verification !== "pending");
  const hook = hooks.find((one) => one.status === "active");
  return [
    {
      title: "Connect a channel", done: Boolean(works),
      text: "An account by which customers write to you: WhatsApp, SMS, email, and more.",
      more: [
        linkButton(channels.length ? "See your channels" : "Connect a channel", channels.length ? pathOf("channels") : pathOf("channels", "new"), "primary"),
        inSandbox("Only trying? Connect the WhatsApp account of", " that runs beside this development stack."),
      ],
    },
    {
      title: "Get the first message in", done: Boolean(message),
      text: works ? "Write to the account from your own phone or mailbox. The message is here a second later." : "Once a channel is connected, write to it from your own phone or mailbox.",
      more: inSandbox("The phone of the sandbox’s account is in", "."),
    },
    {
      title: "Create an API key", done: keys ? keys.length > 0 : null,
      text: "Your CRM and your scripts call the API with it.",
      more: linkButton("API keys", pathOf("api-keys"), keys?.length ? "quiet" : "primary"),
    },
    {
      title: "Send the first message", done: Boolean(isAnswered),
      text: "Call the API: make a customer, poll what was written, answer it. Put your key in place of $API_KEY.",
      more: [
        codeBlock(`curl '${base()}/api-customers-sync' -H "x-api-key: $API_KEY" \\\n  -H 'content-type: application/json' \\\n  -d '{"customers":[{"external_id":"CRM-1","name":"Joe Bloggs","email":"joe@example.com"}]}'`, "Command that makes a customer"),
        codeBlock(`curl '${base()}/api-messages-since?since=${new Date(Date.now() - 86_400_000).toISOString()}' -H "x-api-key: $API_KEY"`, "Command that polls messages"),
        message && [
          el("p", null, "Then answer the first message."),
          codeBlock(`curl '${base()}/api-send-message' -H "x-api-key: $API_KEY" \\\n  -H 'content-type: application/json' \\\n  -d '${JSON.stringify({ customer_id: message.customer_id, channel: message.channel, content: "Thank you, we are on it." })}'`, "Command that sends a message"),
        ],
      ],
    },
    {
      title: "Get the first webhook out", done: Boolean(delivered),
      text: hook ? "Send a test to your endpoint, and see how it was answered." : "An endpoint is a URL of yours to which we post what happens.",
      more: [
        linkButton(hook ? "Send a test" : "Add an endpoint", hook ? pathOf("webhooks", hook.id) : pathOf("webhooks"), delivered ? "quiet" : "primary"),
        !hook && inSandbox("No system at hand? Take the endpoint of", ", and see there what arrives."),
      ],
    },
  ];
}

const stepOf = ({ title, done, text, more }) => el("li", { class: done ? "done" : null }, el("div", null,
  el("h3", null, title, done && el("span", { class: "unseen" }, " (done)")), el("p", null, text), done ? el("details", null, el("summary", null, "Show again"), more) : more));

// What somebody should look at, with the way to it. What is not proven yet was never in order, so that status does not tell it.
function attention({ channels, status }) {
  const unproven = channels.filter((channel) => channel.status === "active" && channel.verification === "pending")
    .map(({ id, name, verification_error }) => ({ subject: "channel", id, name, summary: verification_error || "It is not proven to be yours, and receives nothing." }));
  const items = [...(status?.attention ?? []), ...unproven];
  return items.length > 0 && attentionSection(items);
}

async function figures(app) {
  const today = new Date().toISOString().slice(0, 10);
  const found = await orElse(app.api.get("analytics", { from: today, to: today }, { signal: app.signal }));
  if (!found) return null;
  const { totals } = found;
  const minutes = (seconds) => (seconds === null ? "–" : seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);
  const rows = [
    ["Messages in", totals.messages_in], ["Messages out", totals.messages_out], ["Conversations begun", totals.conversations_begun],
    ["Not answered yet", totals.conversations_unanswered], ["First response, median", minutes(totals.first_response_median_seconds)],
  ];
  return section("Today (UTC)", el("div", { class: "grid figures" }, rows.map(([name, value]) => el("p", { class: "figure" }, el("span", { class: "faint" }, name), el("strong", null, typeof value === "number" ? value.toLocaleString() : value)))));
}

function health(status) {
  return status && section("Health", el("p", null, lightOf(status.status), " ", el("a", { href: pathOf("status") }, "See the figures")));
}
