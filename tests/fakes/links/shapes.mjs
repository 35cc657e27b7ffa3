// How each vendor's records look: the fields of its published description that a list gives.
//
// Sources: Shopify's REST Admin reference (customer, order); HubSpot/HubSpot-public-api-spec-collection
// (SimplePublicObjectWithAssociations); Salesforce's REST guide (attributes beside the fields asked for);
// Zendesk's "JSON format for ticket requests"; stripe/openapi (customer); WooCommerce's REST docs
// ("Customer properties"); pipedrive/client-nodejs (GetPersons); `plain` is what the project's guide prints.

const iso = (at) => new Date(at).toISOString();
const seconds = (at) => iso(at).replace(/\.\d+Z$/, "Z");
const addressOf = (person) => ({ street: person.street, city: person.town, postcode: person.eircode });
const priceOf = (random) => `${5 + random.below(400)}.${String(random.below(100)).padStart(2, "0")}`;
const PRODUCTS = ["Kettle", "Lamp", "Sofa", "Jumper", "Flask", "Chair", "Blanket", "Headphones", "Suitcase", "Toy", "Towel", "Teapot", "Desk", "Rug", "Bicycle bell", "Notebook", "Candle", "Raincoat"];
const MAKERS = ["Ardara", "Lismore", "Burren", "Skellig", "Kinsale", "Mourne", "Tara", "Dingle", "Glenveagh", "Cashel"];
const KINDS = ["Classic", "Compact", "Large", "Travel", "Winter", "Junior", "Deluxe"];
const nameOfProduct = (random) => `${random.pick(MAKERS)} ${random.pick(KINDS)} ${random.pick(PRODUCTS)}`;
const CODES = { Dublin: "D", Cork: "CO", Galway: "G" };

/**
 * The shapes: which group of notes they have, how long their lists have been, whether a record is
 * somebody's, and `make`, which gives a record. `key` names the field that names a record.
 */
export const SHAPES = {
  customers: {
    group: "people", key: "id", isPersonal: true,
    make: ({ number, person, phone, note, random }) => ({
      id: `cust-${10000 + number}`, name: person.name, email: person.email, phone,
      subscription: random.pick(["Basic", "Standard", "Premium"]), support_level: random.pick(["Bronze", "Silver", "Gold"]),
      address: addressOf(person), notes: note,
    }),
  },
  shopify_customers: {
    group: "people", key: "id", isPersonal: true,
    make: ({ number, person, phone, note, random, at }) => ({
      id: 207119550000 + number, email: person.email, created_at: seconds(at), updated_at: seconds(at + 86_400_000), first_name: person.first, last_name: person.last,
      orders_count: random.below(30), state: random.pick(["disabled", "enabled", "invited"]), total_spent: priceOf(random), last_order_id: null, note,
      verified_email: true, tax_exempt: false, tags: random.pick(["", "vip", "wholesale, vip", "newsletter"]), currency: "EUR", phone,
      addresses: [{ id: 1053317000 + number, customer_id: 207119550000 + number, address1: person.street, city: person.town, zip: person.eircode, country: "Ireland", default: true }],
      admin_graphql_api_id: `gid://shopify/Customer/${207119550000 + number}`,
    }),
  },
  shopify_orders: {
    group: "orders", key: "id", isPersonal: true,
    make: ({ number, person, phone, note, random, at }) => ({
      id: 450789460000 + number, name: `#${1001 + number}`, order_number: 1001 + number, email: person.email, phone, created_at: seconds(at), updated_at: seconds(at),
      currency: "EUR", total_price: priceOf(random), financial_status: random.pick(["paid", "pending", "refunded"]), fulfillment_status: random.pick([null, "fulfilled", "partial"]),
      note, tags: "", customer: { id: 207119560000 + number, first_name: person.first, last_name: person.last, email: person.email },
      line_items: Array.from({ length: 1 + random.below(3) }, (_, line) => ({ id: 466157000000 + number * 10 + line, title: nameOfProduct(random), quantity: 1 + random.below(4), price: priceOf(random), sku: `SKU-${random.digits(6)}` })),
      shipping_address: { first_name: person.first, last_name: person.last, address1: person.street, city: person.town, province_code: CODES[person.town] ?? null, zip: person.eircode, country_code: "IE" },
      admin_graphql_api_id: `gid://shopify/Order/${450789460000 + number}`,
    }),
  },
  hubspot_contacts: {
    group: "people", key: "id", isPersonal: true,
    make: ({ number, person, phone, note, random, at }) => ({
      id: String(51000 + number),
      properties: {
        createdate: iso(at), email: person.email, firstname: person.first, hs_object_id: String(51000 + number), lastmodifieddate: iso(at + 3_600_000), lastname: person.last,
        phone, company: person.company, city: person.town, lifecyclestage: random.pick(["lead", "customer", "opportunity", "subscriber"]), message: note,
      },
      createdAt: iso(at), updatedAt: iso(at + 3_600_000), archived: false,
    }),
  },
  salesforce_contacts: {
    group: "people", key: "Id", isPersonal: true,
    make: ({ number, person, phone, note, random, at }) => ({
      Id: `0035g00000${String(number).padStart(5, "0")}AAA`, Name: person.name, FirstName: person.first, LastName: person.last, Email: person.email, Phone: phone,
      Title: random.pick(["Buyer", "Owner", "Office Manager", "Head Chef", "Bookkeeper"]), MailingCity: person.town, Description: note, LastModifiedDate: iso(at).replace("Z", "+0000"),
    }),
  },
  zendesk_tickets: {
    group: "tickets", key: "id", isPersonal: true,
    make: ({ number, person, note, random, at }) => ({
      url: `https://acme.zendesk.com/api/v2/tickets/${35000 + number}.json`, id: 35000 + number, external_id: null, created_at: seconds(at), updated_at: seconds(at),
      type: random.pick(["problem", "question", "incident", "task"]), subject: `${person.first} about the ${random.pick(PRODUCTS).toLowerCase()}`, raw_subject: null, description: note,
      priority: random.pick(["low", "normal", "high", "urgent"]), status: random.pick(["new", "open", "pending", "solved"]), recipient: null, requester_id: 20978300 + number, tags: [],
      via: { channel: "email", source: { from: { address: person.email, name: person.name }, to: {}, rel: null } },
    }),
  },
  stripe_customers: {
    group: "people", key: "id", isPersonal: true,
    make: ({ number, person, phone, note, random, at }) => ({
      id: `cus_${randomId(number, random)}`, object: "customer", address: { city: person.town, country: "IE", line1: person.street, line2: null, postal_code: person.eircode, state: null },
      balance: 0, created: Math.floor(at / 1000), currency: "eur", default_source: null, delinquent: random.below(12) === 0, description: note, discount: null, email: person.email,
      invoice_prefix: random.digits(8), livemode: false, metadata: { plan: random.pick(["solo", "team", "studio"]) }, name: person.name, phone, preferred_locales: ["en-IE"], shipping: null, tax_exempt: "none", test_clock: null,
    }),
  },
  woocommerce_customers: {
    group: "people", key: "id", isPersonal: true,
    make: ({ number, person, phone, note, random, at }) => ({
      id: 2500 + number, date_created: iso(at).slice(0, 19), date_created_gmt: iso(at).slice(0, 19), date_modified: iso(at).slice(0, 19), date_modified_gmt: iso(at).slice(0, 19),
      email: person.email, first_name: person.first, last_name: person.last, role: "customer", username: `${person.email.split("@")[0]}`,
      billing: { first_name: person.first, last_name: person.last, company: person.company, address_1: person.street, address_2: "", city: person.town, state: "", postcode: person.eircode, country: "IE", email: person.email, phone },
      shipping: { first_name: person.first, last_name: person.last, company: "", address_1: person.street, address_2: "", city: person.town, state: "", postcode: person.eircode, country: "IE" },
      is_paying_customer: random.below(2) === 1, avatar_url: "https://secure.gravatar.example/avatar?s=96", meta_data: [{ id: 9000 + number, key: "note", value: note }],
    }),
  },
  pipedrive_persons: {
    group: "people", key: "id", isPersonal: true,
    make: ({ number, person, phone, note, random, at }) => ({
      id: 640000 + number, company_id: 77, owner_id: { id: 123, name: "Ann Agent", email: "ann@example.com", active_flag: true, value: 123 }, org_id: { name: person.company, people_count: 1, owner_id: 123, address: person.street, value: 500 + number },
      name: person.name, first_name: person.first, last_name: person.last, open_deals_count: random.below(4), active_flag: true,
      phone: [{ value: phone, primary: true, label: "work" }], email: [{ value: person.email, primary: true, label: "work" }],
      update_time: iso(at).slice(0, 19).replace("T", " "), add_time: iso(at).slice(0, 19).replace("T", " "), visible_to: "3", notes: note,
    }),
  },
  products: {
    group: "products", key: "sku", isPersonal: false,
    make: ({ number, note, random }) => ({ sku: `TL-${random.pick([..."ABCDEFGH"])}${String(20000 + number)}`, name: nameOfProduct(random), price: priceOf(random), currency: "EUR", in_stock: random.below(200), description: note }),
  },
  policies: {
    group: "policies", key: "id", isPersonal: false,
    make: ({ number, note, random }) => ({ id: `policy-${300 + number}`, title: random.pick(["Terms of service", "At the counter", "Web shop", "Visits", "Club members", "Business terms"]), section: number + 1, body: note }),
  },
};

function randomId(number, random) {
  const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789";
  return Array.from({ length: 10 }, () => random.pick([...letters])).join("") + number.toString(36).padStart(4, "0");
}
