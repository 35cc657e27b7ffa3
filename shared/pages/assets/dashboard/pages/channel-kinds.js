// How each kind of account is connected: what to copy from where, and what to enter there. Facts of docs/whatsapp.md,
// messenger.md, comments.md, sms.md, email.md and chatwoot.md.

const META_SECRETS = [
  { name: "app_secret", label: "App secret", kind: "secret", credential: true, help: "App dashboard → App settings → Basic. Leave it out where this deployment has a Meta app of its own." },
  { name: "verify_token", label: "Verify token", credential: true, help: "A word of your choice. Meta sends it back when you enter the callback." },
];
const metaToken = (permissions) => ({ name: "access_token", label: "Access token", kind: "secret", required: true, credential: true, help: `A token of a system user, without expiry, with ${permissions}. Business settings → Users → System users.` });
const storesMedia = { name: "store_media", label: "Store the files that customers send", kind: "check", value: true };
const callback = (place, subscribe) => [
  { text: `${place}: enter this address as callback URL, and your verify token. Meta checks both at once.`, copies: "webhook_url" },
  ...subscribe,
];

/** By the API's `kind`. `before`: what one needs. `fields`: what to copy from where. `after(channel)`: what to enter there. */
export const KINDS = {
  whatsapp: {
    label: "WhatsApp", icon: "whatsapp", of: "Meta", identity: "display_phone_number",
    before: ["A Meta app with the product WhatsApp, and a WhatsApp business account with a number."],
    fields: [
      { name: "phone_number_id", label: "Phone number id", required: true, help: "App dashboard → WhatsApp → API setup. The id of the number, not the number." },
      { name: "display_phone_number", label: "Number", help: "As people should read it.", placeholder: "+353 1 234 5678" },
      { name: "waba_id", label: "Business account id", help: "On the same page; for your information." },
      metaToken("whatsapp_business_messaging and whatsapp_business_management"), ...META_SECRETS,
    ],
    after: () => callback("App dashboard → WhatsApp → Configuration → Webhook → Edit", [{ text: "Subscribe to the field messages, which carries messages and statuses." }]),
  },
  facebook: {
    label: "Facebook Messenger", icon: "facebook", of: "Meta", identity: "page_id",
    before: ["A Meta app with the product Messenger, and the page."],
    fields: [{ name: "page_id", label: "Page id", required: true, help: "The page → About → Page transparency." }, metaToken("pages_messaging and pages_manage_metadata, and it must be the page’s own"), ...META_SECRETS, { name: "human_agent", label: "Meta approved “Human Agent” for the app", kind: "check" }, storesMedia],
    after: () => callback("App dashboard → Messenger → Webhooks", [
      { text: "Subscribe to these fields, and subscribe the app to the page.", copies: "messages,message_echoes,message_deliveries,message_reads,message_edits,message_reactions,messaging_postbacks,messaging_referrals,standby", isText: true },
    ]),
  },
  facebook_comments: {
    label: "Comments on a Facebook page", icon: "facebook_comments", of: "Meta", identity: "page_id",
    before: ["A Meta app, and the page. A page may be connected for Messenger as well."],
    fields: [{ name: "page_id", label: "Page id", required: true, help: "The page → About → Page transparency." }, metaToken("pages_manage_metadata, pages_read_engagement, pages_read_user_content and pages_manage_engagement; pages_messaging for private replies"), ...META_SECRETS, storesMedia],
    after: () => callback("App dashboard → Webhooks → Page", [{ text: "Subscribe to feed, and subscribe the app to the page. Where the page is connected for Messenger, name the fields of both: a subscription replaces the one before.", copies: "feed", isText: true }]),
  },
  instagram: {
    label: "Instagram", icon: "instagram", of: "Meta", identity: "instagram_account_id",
    before: ["A Meta app with the product Instagram, and a professional account."],
    fields: [
      { name: "instagram_account_id", label: "Account id", required: true, help: "App dashboard → Instagram → API setup." },
      { name: "login", label: "The account’s login", kind: "select", options: [["facebook", "Facebook login"], ["instagram", "Instagram login: its token ends after 60 days"]], required: true },
      metaToken("instagram_manage_messages and pages_manage_metadata"), ...META_SECRETS,
      { name: "instagram_app_secret", label: "Instagram app secret", kind: "secret", credential: true, help: "Instagram login: App dashboard → Instagram → API setup.", shown: ({ login }) => login === "instagram" },
      { name: "human_agent", label: "Meta approved “Human Agent” for the app", kind: "check" }, storesMedia,
    ],
    after: () => callback("App dashboard → Instagram → Webhooks", [{ text: "Subscribe to these fields.", copies: "messages,message_edit,message_reactions,messaging_postbacks,messaging_seen,messaging_referral,standby", isText: true }]),
  },
  sms: {
    label: "SMS", icon: "sms", of: "Twilio", identity: "phone_number",
    before: ["A Twilio account with a number that can send SMS."],
    fields: [
      { name: "phone_number", label: "Number", required: true, help: "Phone numbers → Active numbers, with its +; or a short code.", placeholder: "+15005550001" },
      { name: "account_sid", label: "Account SID", required: true, help: "Console → Account info.", placeholder: "AC…" },
      { name: "auth_token", label: "Auth token", kind: "secret", required: true, credential: true, help: "Console → Account info: the primary token, which signs Twilio’s webhooks." },
      { name: "messaging_service_sid", label: "Messaging service", help: "Messaging → Services. Messages then go through it.", placeholder: "MG…" },
      { name: "api_key_sid", label: "API key", help: "Account → API keys: calls then use the key.", placeholder: "SK…" },
      { name: "api_key_secret", label: "API key’s secret", kind: "secret", credential: true },
      { name: "delete_media", label: "Delete customers’ files at Twilio once they are stored here", kind: "check" },
    ],
    after: () => [
      { text: "Phone numbers → the number → Messaging → “A message comes in”: this address, HTTP POST. With a messaging service: the service → Integration → “Send a webhook”.", copies: "webhook_url" },
      { text: "By default Twilio tries once. Append #rc=3&rp=ct,rt,5xx to the address to have it retry." },
    ],
  },
  email: {
    label: "Email", icon: "email", of: "Resend, Postmark or Cloudflare", identity: "address",
    before: ["A domain whose mail goes through Resend, Postmark, or Cloudflare Email Routing."],
    fields: [
      { name: "address", label: "Address", kind: "email", required: true, placeholder: "support@example.com" },
      { name: "provider", label: "Mail comes by", kind: "select", required: true, options: [["resend", "Resend"], ["postmark", "Postmark"], ["cloudflare", "Cloudflare Email Routing"]] },
      { name: "sends_by", label: "Mail goes by", kind: "select", options: [["", "Nothing: the account only receives"], ["resend", "Resend"], ["postmark", "Postmark"]], shown: ({ provider }) => provider === "cloudflare" },
      { name: "from_name", label: "Name in “From”" },
      { name: "api_key", label: "API key", kind: "secret", credential: true, help: "Resend: API keys → with full access. Postmark: the server token." },
      { name: "webhook_secret", label: "Webhook secret", kind: "secret", credential: true, help: "Resend: its signing secret, which you get when you enter the webhook; add it then. Postmark: a password of at least 24 characters, of your choice." },
      { name: "reply_domain", label: "Reply domain", help: "A domain whose mail is all routed to the account; replies then go there." },
    ],
    after: ({ provider, dns_record: record }) => [
      provider === "resend" && { text: "Resend → Webhooks → Add: this address, with the events email.received, email.sent, email.delivered, email.bounced, email.complained, email.failed and email.suppressed. Then store its signing secret here, under “Change”.", copies: "webhook_url" },
      provider === "postmark" && { text: "Enter this address, with tieline:PASSWORD@ behind https://, as the server’s inbound webhook, and as a webhook for Delivery and Bounce of the outbound stream. PASSWORD is the webhook secret.", copies: "webhook_url" },
      provider === "cloudflare" && { text: "Email → Email Routing → Routes: route the address to the Worker tieline-webhook-email, and turn subaddressing on." },
      record && { text: "Publish this TXT record at the domain behind the @. It proves that the address is yours.", copies: "dns_record" },
    ].filter(Boolean),
  },
  chatwoot: {
    label: "Chatwoot", icon: "web", of: "Chatwoot", identity: "base_url",
    before: ["A Chatwoot that is reached by https. The conversations of all of its inboxes come here."],
    fields: [
      { name: "base_url", label: "Address of the server", kind: "url", required: true, placeholder: "https://app.chatwoot.com", help: "A page of it will do." },
      { name: "account_id", label: "Account", required: true, help: "The number behind /app/accounts/ in its pages." },
      { name: "access_token", label: "Access token", kind: "secret", required: true, credential: true, help: "Profile settings → Access token. An administrator’s, so that the webhook is made for you." },
    ],
    after: () => [],
  },
};

/** What an account is called by people: its number, address or id. */
export function identityOf(channel) {
  const { identity } = KINDS[channel.kind] ?? {};
  return channel[identity] ?? channel.phone_number_id ?? "";
}

/** The body that connects an account, or changes it: what is empty is left out. */
export function bodyOf(fields, values) {
  const body = { credentials: {} };
  for (const { name, credential } of fields) {
    const value = values[name];
    if (value === undefined || value === "" || value === null) continue;
    if (credential) body.credentials[name] = value;
    else body[name] = value;
  }
  return body;
}
