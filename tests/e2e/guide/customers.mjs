// The client code that the CRM integration guide prints for customers, unchanged but for the base
// URL and the key, and what it must come to.

import assert from "node:assert/strict";

const BASE_URL = process.env.BASE_URL;
const API_KEY = process.env.API_KEY;

async function importCustomers(customers) {
  const BATCH_SIZE = 1000;
  const results = { created: 0, updated: 0, failed: 0, errors: [] };
  
  for (let i = 0; i < customers.length; i += BATCH_SIZE) {
    const batch = customers.slice(i, i + BATCH_SIZE);
    
    // Add external_id for bidirectional sync
    const payload = batch.map(customer => ({
      name: customer.full_name,
      email: customer.email,
      phone: customer.phone,
      whatsapp_number: customer.whatsapp,
      external_id: customer.crm_id,
      external_system: 'salesforce', // or 'hubspot', 'custom', etc.
      tags: customer.tags || []
    }));
    
    const response = await fetch(`${BASE_URL}/api-customers-bulk-create`, {
      method: 'POST',
      headers: {
        'x-api-key': API_KEY,
        'Content-Type': 'application/json'
      },
      body: JSON.stringify({ customers: payload })
    });
    
    const result = await response.json();
    results.created += result.created;
    results.updated += result.updated;
    results.failed += result.failed;
    results.errors.push(...result.errors);
    
    console.log(`Batch ${i / BATCH_SIZE + 1}: ${result.created} created, ${result.updated} updated`);
  }
  
  return results;
}

// Trigger this when a contact is updated in your CRM
async function syncCustomerToChatPlatform(crmContact) {
  const response = await fetch(`${BASE_URL}/api-customers-sync`, {
    method: 'POST',
    headers: {
      'x-api-key': API_KEY,
      'Content-Type': 'application/json'
    },
    body: JSON.stringify({
      customers: [{
        external_id: crmContact.id,
        name: `${crmContact.firstName} ${crmContact.lastName}`,
        email: crmContact.email,
        phone: crmContact.phone,
        custom_fields: {
          crm_status: crmContact.status,
          last_purchase: crmContact.lastPurchaseDate,
          lifetime_value: crmContact.ltv
        }
      }]
    })
  });
  
  const result = await response.json();
  console.log('Sync result:', result.results.details[0]);
}

const customers = Array.from({ length: 5000 }, (_, n) => ({
  full_name: `Customer ${n}`,
  email: `customer${n}@example.com`,
  phone: `+35387${String(n).padStart(7, "0")}`,
  whatsapp: n % 2 ? `+35387${String(n).padStart(7, "0")}` : undefined,
  crm_id: `CRM-${n}`,
  tags: n % 3 ? ["imported"] : undefined,
}));

assert.deepEqual(await importCustomers(customers), { created: 5000, updated: 0, failed: 0, errors: [] });
assert.deepEqual(await importCustomers(customers), { created: 0, updated: 5000, failed: 0, errors: [] });

const printed = [];
console.log = (...args) => printed.push(args);
const contact = {
  id: "CRM-42", firstName: "Joe", lastName: "Bloggs", email: "joe@example.com", phone: "+353871112222",
  status: "active", lastPurchaseDate: "2025-11-04", ltv: 1234.5,
};
await syncCustomerToChatPlatform(contact);
await syncCustomerToChatPlatform(contact);
const [first, second] = printed.map(([, detail]) => detail);
assert.equal(first.action, "updated");
assert.equal(first.matched_by, "external_id");
assert.equal(first.changed, true);
assert.equal(second.changed, false);

// The first step of the guide's embedConversationViewer.
const response = await fetch(`${BASE_URL}/api-customers?external_id=CRM-42`, { headers: { "x-api-key": API_KEY } });
const customer = await response.json();
assert.equal(customer.id, first.customer_id);
assert.equal(customer.name, "Joe Bloggs");
assert.deepEqual(customer.custom_fields, { crm_status: "active", last_purchase: "2025-11-04", lifetime_value: 1234.5 });
