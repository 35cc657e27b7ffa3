// Customers as a CRM would send them, and the bodies made of them.

const FIRST = ["Aoife", "Seán", "Ciara", "Patrick", "Niamh", "Conor", "Maeve", "Declan", "Gráinne", "Liam"];
const LAST = ["Murphy", "Kelly", "O'Sullivan", "Walsh", "Byrne", "Ryan", "O'Connor", "Doyle", "McCarthy", "Nolan"];
const SEGMENTS = ["enterprise", "mid-market", "small business", "private"];
const MANAGERS = ["Sarah Johnson", "Tom Brennan", "Eilís Ní Bhriain"];
const TAGS = ["newsletter", "vip", "renewal-2027", "trade-fair", "support-plus"];

/** Records of one request; the API's most. */
export const BATCH = 1000;

/**
 * The nth customer of a kind. Kinds share no identity: `seed` is what a business begins with, `new`
 * what a run makes and removes again. `version` changes one custom field and nothing else.
 */
export function record(kind, n, version = 0) {
  const digits = String(n).padStart(7, "0");
  const [first, last] = [FIRST[n % 10], LAST[(n * 7 + ((n / 10) | 0)) % 10]];
  return {
    external_id: `${kind}-${digits}`,
    external_system: "salesforce",
    name: `${first} ${last}`,
    email: `${kind}.${digits}@customers.example.com`,
    phone: `+3538${kind === "seed" ? 5 : 7}${digits}`,
    tags: [TAGS[n % 5], TAGS[(n + 2) % 5]],
    custom_fields: {
      crm_segment: SEGMENTS[n % 4],
      account_manager: MANAGERS[n % 3],
      contract_value: 500 + ((n * 37) % 90_000) + version,
      renewal_date: `2027-${String(1 + (n % 12)).padStart(2, "0")}-15`,
    },
  };
}

/** `{"customers": […]}` of records `from` to `from + count - 1`, as the bytes that are sent. */
export function body(kind, from, count = BATCH, version = () => 0) {
  const customers = Array.from({ length: count }, (_, n) => record(kind, from + n, version(n)));
  return Buffer.from(JSON.stringify({ customers }));
}
