// What a fresh Krayin 2.1 has: its pipeline, sources, types and attributes.

export const SOURCES = ["Email", "Web", "Web Form", "Phone", "Direct"];
export const TYPES = ["New Business", "Existing Business"];

const STAGES = [["new", "New"], ["follow-up", "Follow Up"], ["prospect", "Prospect"], ["negotiation", "Negotiation"], ["won", "Won"], ["lost", "Lost"]];
export const PIPELINE = { name: "Default Pipeline", is_default: 1, rotten_days: 30, stages: STAGES.map(([code, name], at) => ({ id: at + 1, code, name })) };

/** id, code, name, type, lookup type, entity type, sort order, validation, whether required, whether unique. */
export const ATTRIBUTES = [
  [19, "title", "Title", "text", null, "leads", 1, null, 1, 0],
  [20, "description", "Description", "textarea", null, "leads", 2, null, 0, 0],
  [21, "lead_value", "Lead Value", "price", null, "leads", 3, "decimal", 1, 0],
  [22, "lead_source_id", "Source", "select", "lead_sources", "leads", 4, null, 1, 0],
  [23, "lead_type_id", "Type", "select", "lead_types", "leads", 5, null, 1, 0],
  [24, "user_id", "Sales Owner", "select", "users", "leads", 7, null, 0, 0],
  [25, "expected_close_date", "Expected Close Date", "date", null, "leads", 8, null, 0, 0],
  [26, "lead_pipeline_id", "Pipeline", "lookup", "lead_pipelines", "leads", 9, null, 1, 0],
  [27, "lead_pipeline_stage_id", "Stage", "lookup", "lead_pipeline_stages", "leads", 10, null, 1, 0],
  [28, "name", "Name", "text", null, "persons", 1, null, 1, 0],
  [29, "emails", "Emails", "email", null, "persons", 2, null, 1, 1],
  [30, "contact_numbers", "Contact Numbers", "phone", null, "persons", 3, "numeric", 0, 1],
  [31, "job_title", "Job Title", "text", null, "persons", 4, null, 0, 0],
  [32, "user_id", "Sales Owner", "lookup", "users", "persons", 5, null, 0, 0],
  [33, "organization_id", "Organization", "lookup", "organizations", "persons", 6, null, 0, 0],
  [34, "name", "Name", "text", null, "organizations", 1, null, 1, 1],
  [35, "address", "Address", "address", null, "organizations", 2, null, 0, 0],
  [36, "user_id", "Sales Owner", "lookup", "users", "organizations", 3, null, 0, 0],
  [37, "name", "Name", "text", null, "products", 1, null, 1, 0],
  [38, "description", "Description", "textarea", null, "products", 2, null, 0, 0],
  [39, "sku", "SKU", "text", null, "products", 3, null, 1, 1],
  [40, "quantity", "Quantity", "text", null, "products", 4, "numeric", 1, 0],
  [41, "price", "Price", "price", null, "products", 5, "decimal", 1, 0],
  [42, "user_id", "Sales Owner", "select", "users", "quotes", 1, null, 1, 0],
  [43, "subject", "Subject", "text", null, "quotes", 2, null, 1, 0],
  [44, "description", "Description", "textarea", null, "quotes", 3, null, 0, 0],
  [45, "billing_address", "Billing Address", "address", null, "quotes", 4, null, 1, 0],
  [46, "shipping_address", "Shipping Address", "address", null, "quotes", 5, null, 0, 0],
  [47, "discount_percent", "Discount Percent", "text", null, "quotes", 6, "decimal", 0, 0],
  [48, "discount_amount", "Discount Amount", "price", null, "quotes", 7, "decimal", 0, 0],
  [49, "tax_amount", "Tax Amount", "price", null, "quotes", 8, "decimal", 0, 0],
  [50, "adjustment_amount", "Adjustment Amount", "price", null, "quotes", 9, "decimal", 0, 0],
  [51, "sub_total", "Sub Total", "price", null, "quotes", 10, "decimal", 1, 0],
  [52, "grand_total", "Grand Total", "price", null, "quotes", 11, "decimal", 1, 0],
  [53, "expired_at", "Expired At", "date", null, "quotes", 12, null, 1, 0],
  [54, "person_id", "Person", "lookup", "persons", "quotes", 13, null, 1, 0],
  [55, "name", "Name", "text", null, "warehouses", 1, null, 1, 0],
  [56, "description", "Description", "textarea", null, "warehouses", 2, null, 0, 0],
  [57, "contact_name", "Contact Name", "text", null, "warehouses", 3, null, 1, 0],
  [58, "contact_emails", "Contact Emails", "email", null, "warehouses", 4, null, 1, 1],
  [59, "contact_numbers", "Contact Numbers", "phone", null, "warehouses", 5, "numeric", 0, 1],
  [60, "contact_address", "Contact Address", "address", null, "warehouses", 6, null, 1, 0],
];
