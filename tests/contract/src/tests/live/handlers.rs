use testkit::{Answer, Call};

#[path = "../../../../../functions/dashboard-analytics/src/handler.rs"]
mod analytics;
#[path = "../../../../../functions/customers-batch-lookup/src/handler.rs"]
mod batch_lookup;
#[path = "../../../../../functions/customers-bulk-create/src/handler.rs"]
mod bulk_create;
#[path = "../../../../../functions/dashboard-channels/src/handler.rs"]
mod channels;
#[path = "../../../../../functions/conversation-notes/src/handler.rs"]
mod conversation_notes;
#[path = "../../../../../functions/conversations/src/handler.rs"]
mod conversations;
#[path = "../../../../../functions/conversations-by-customer/src/handler.rs"]
mod conversations_by_customer;
#[path = "../../../../../functions/dashboard-crm-jobs/src/handler.rs"]
mod crm_jobs;
#[path = "../../../../../functions/customer-history/src/handler.rs"]
mod customer_history;
#[path = "../../../../../functions/customers/src/handler.rs"]
mod customers;
#[path = "../../../../../functions/dashboard/src/handler.rs"]
mod dashboard;
#[path = "../../../../../functions/docs/src/handler.rs"]
mod docs;
#[path = "../../../../../functions/download-media/src/handler.rs"]
mod download;
#[path = "../../../../../functions/escalate/src/handler.rs"]
mod escalate;
#[path = "../../../../../functions/gateway/src/handler.rs"]
mod gateway;
#[path = "../../../../../functions/dashboard-integrations/src/handler.rs"]
mod integrations;
#[path = "../../../../../functions/messages-since/src/handler.rs"]
mod messages_since;
#[path = "../../../../../functions/send-message/src/handler.rs"]
#[expect(dead_code, reason = "no function calls it here")]
mod send_message;
#[path = "../../../../../functions/sso-token/src/handler.rs"]
mod sso_token;
#[path = "../../../../../functions/customers-sync/src/handler.rs"]
mod sync;
#[path = "../../../../../functions/upload-attachment/src/handler.rs"]
mod upload;
#[path = "../../../../../functions/webhook-email/src/handler.rs"]
#[expect(dead_code, reason = "the cron is not called here")]
mod webhook_email;
#[path = "../../../../../functions/webhook-kustomer/src/handler.rs"]
mod webhook_kustomer;
#[path = "../../../../../functions/webhook-meta/src/handler.rs"]
#[expect(dead_code, reason = "the queue and the cron are not called here")]
mod webhook_meta;
#[path = "../../../../../functions/webhook-twilio/src/handler.rs"]
#[expect(dead_code, reason = "the cron is not called here")]
mod webhook_twilio;
#[path = "../../../../../functions/dashboard-webhooks/src/handler.rs"]
mod webhooks;

/// Sends a call through the handler of its function.
pub(super) fn send(function: &str, call: Call<'_>) -> Answer {
    match function {
        "conversation-notes" => call.send(conversation_notes::handle),
        "conversations" => call.send(conversations::handle),
        "conversations-by-customer" => call.send(conversations_by_customer::handle),
        "customer-history" => call.send(customer_history::handle),
        "customers" => call.send(customers::handle),
        "customers-batch-lookup" => call.send(batch_lookup::handle),
        "customers-bulk-create" => call.send(bulk_create::handle),
        "customers-sync" => call.send(sync::handle),
        "dashboard" => call.send(dashboard::handle),
        "dashboard-analytics" => call.send(analytics::handle),
        "dashboard-channels" => call.send(channels::handle),
        "dashboard-crm-jobs" => call.send(crm_jobs::handle),
        "dashboard-integrations" => call.send(integrations::handle),
        "dashboard-webhooks" => call.send(webhooks::handle),
        "docs" => call.send(docs::handle),
        "download-media" => call.send(download::handle),
        "escalate" => call.send(escalate::handle),
        "gateway" => call.send(gateway::handle),
        "messages-since" => call.send(messages_since::handle),
        "send-message" => call.send(send_message::handle),
        "sso-token" => call.send(sso_token::handle),
        "upload-attachment" => call.send(upload::handle),
        "webhook-email" => call.send(webhook_email::handle),
        "webhook-kustomer" => call.send(webhook_kustomer::handle),
        "webhook-meta" => call.send(webhook_meta::handle),
        "webhook-twilio" => call.send(webhook_twilio::handle),
        other => panic!("add the handler of {other} here"),
    }
}
