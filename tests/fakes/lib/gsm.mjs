// How many segments an SMS takes (GSM 03.38).

const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§" +
  "¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED = "\f^{}\\[~]|€";

/** The segments of a text, and its encoding: "GSM-7" or "UCS-2". */
export function segmentsOf(text) {
  const isGsm = [...text].every((c) => BASIC.includes(c) || EXTENDED.includes(c));
  const [alone, joined] = isGsm ? [160, 153] : [70, 67];
  // No unit is cut in two: neither an escaped character nor a surrogate pair.
  const units = [...text].map((c) => (isGsm ? (EXTENDED.includes(c) ? 2 : 1) : c.length));
  const total = units.reduce((sum, unit) => sum + unit, 0);
  if (total <= alone) return { segments: 1, encoding: isGsm ? "GSM-7" : "UCS-2" };
  let segments = 1;
  let used = 0;
  for (const unit of units) {
    if (used + unit > joined) {
      segments += 1;
      used = 0;
    }
    used += unit;
  }
  return { segments, encoding: isGsm ? "GSM-7" : "UCS-2" };
}
