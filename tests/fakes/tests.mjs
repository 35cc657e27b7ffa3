// The fakes themselves: each refuses what its provider refuses, and signs as its provider signs.
// Run: node --test tests/fakes/tests.mjs

import "./tests/chatwoot.mjs";
import "./tests/chatwoot-conversations.mjs";
import "./tests/chatwoot-limits.mjs";
import "./tests/chatwoot-outgoing.mjs";
import "./tests/chatwoot-webhooks.mjs";
import "./tests/comments.mjs";
import "./tests/dns.mjs";
import "./tests/email.mjs";
import "./tests/krayin.mjs";
import "./tests/krayin-controls.mjs";
import "./tests/kustomer.mjs";
import "./tests/kustomer-bulk.mjs";
import "./tests/kustomer-limits.mjs";
import "./tests/kustomer-webhooks.mjs";
import "./tests/links.mjs";
import "./tests/links-commands.mjs";
import "./tests/links-data.mjs";
import "./tests/meta.mjs";
import "./tests/oauth.mjs";
import "./tests/openai.mjs";
import "./tests/twilio.mjs";
import "./tests/vectorize.mjs";
