// The fakes themselves: each refuses what its provider refuses, and signs as its provider signs.
// Run: node --test tests/fakes/tests.mjs

import "./tests/email.mjs";
import "./tests/meta.mjs";
import "./tests/twilio.mjs";
