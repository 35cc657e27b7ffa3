// Customers as a CRM would send them, and the bodies made of them.

const FIRST = ["Aoife", "Seán", "Ciara", "Patrick", "Niamh", "Conor", "Maeve", "Declan", "Gráinne", "Liam"];
const LAST = ["Murphy", "Kelly", "O'Sullivan", "Walsh", "Byrne", "Ryan", "O'Connor", "Doyle", "McCarthy", "Nolan"];
const SEGMENTS = ["enterprise", "mid-market", "small business", "private"];
const MANAGERS = ["Sarah Johnson", "Tom Brennan", "Eilís Ní Bhriain"];
const TAGS = ["newsletter", "vip", "renewal-2027", "trade-fair", "support-plus"];

/** Records of the largest request. */
export const BATCH = 1000;

/**
 * The nth customer of a kind. Kinds share no identity: `seed` is what a business has, `new` is what
 * a measurement makes and removes again. Another `version` differs in one custom field.
 */
export function record(kind, n, version = 0) {
  const digits = String(n).padStart(7, "0");
  return {
    external_id: `${kind}-${digits}`,
    external_system: "salesforce",
    name: `${FIRST[n % 10]} ${LAST[(n * 7 + Math.floor(n / 10)) % 10]}`,
    email: `${kind}.${digits}@customers.example.com`,
    phone: `+353${kind === "new" ? 87 : 85}${digits}`,
    tags: [TAGS[n % 5], TAGS[(n + 2) % 5]],
    custom_fields: {
      crm_segment: SEGMENTS[n % 4],
      account_manager: MANAGERS[n % 3],
      contract_value: 500 + ((n * 37) % 90_000) + version,
      renewal_date: `2027-${String(1 + (n % 12)).padStart(2, "0")}-15`,
    },
  };
}

/** What finds all `new` customers: the range of each kind of identity. */
export const NEW_RANGES = [
  ["external_id", "new-", "new."],
  ["email", "new.", "new/"],
  ["phone", "+35387", "+35388"],
];

/** `{"customers": […]}` of `count` records from the nth, as the bytes that are sent. */
export function customersBody(kind, from, count = BATCH, version = () => 0) {
  const customers = Array.from({ length: count }, (_, n) => record(kind, from + n, version(n)));
  return Buffer.from(JSON.stringify({ customers }));
}

/** `{"external_ids": […]}` of `count` seeded customers, spread over all `size` of them. */
export function lookupBody(count, size, offset) {
  const step = Math.floor(size / count);
  const id = (_, n) => record("seed", (n * step + offset) % size).external_id;
  return Buffer.from(JSON.stringify({ external_ids: Array.from({ length: count }, id) }));
}
