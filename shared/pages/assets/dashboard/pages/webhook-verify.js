// Tries a signature, within the page: neither secret nor body is sent anywhere.

import { el, fill } from "../../dom.js";
import { pathOf } from "../address.js";
import { form } from "../forms.js";
import { verified } from "../signature.js";
import { codeBlock, linkButton, note, pageHead, section } from "../ui.js";

const CODE = `import { createHmac, timingSafeEqual } from "node:crypto";

function verify(headers, body, secret) {
  const timestamp = headers["x-webhook-timestamp"];
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const expected = createHmac("sha256", secret).update(\`\${timestamp}.\${body}\`).digest();
  const given = Buffer.from(headers["x-webhook-signature"] ?? "", "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}`;

export async function show() {
  const result = el("div", { role: "status" });
  const fields = [
    { name: "signature", label: "Signature", required: true, help: "The value of X-Webhook-Signature, or of webhook-signature.", placeholder: "v1,… or 64 hexadecimal digits" },
    { name: "timestamp", label: "Timestamp", required: true, help: "X-Webhook-Timestamp of the same attempt.", placeholder: "1764000000" },
    { name: "id", label: "Id", help: "webhook-id; only for webhook-signature." },
    { name: "secret", label: "Secret", kind: "secret", required: true, help: "It stays in this page.", placeholder: "whsec_…" },
    { name: "body", label: "Body", kind: "area", rows: 8, required: true, help: "As it was received, byte for byte." },
  ];
  const check = form({
    label: "Verify", fields,
    async submit(values) {
      if (!globalThis.crypto?.subtle) return fill(result, note("This browser verifies on https pages only.", "bad"));
      // The body as it stands: a field takes the spaces at its ends away.
      const { ok, text } = await verified({ ...values, body: check.elements.body.value });
      fill(result, note([el("strong", null, ok ? "Right. " : "Not right. "), text], ok ? "good" : "bad"));
    },
  });
  return [
    pageHead("Verify a signature", "Paste what your receiver got, to see whether it verifies as it should.", linkButton("All endpoints", pathOf("webhooks"))),
    section("A delivery", check, result),
    section("In your receiver", el("p", null, "Verify over the bytes as received, before you parse them."), codeBlock(CODE, "Code that verifies"),
      el("p", { class: "faint" }, "Libraries of Standard Webhooks take the secret as it is, and read webhook-signature.")),
  ];
}
