use testkit::{Answer, Call};

use conversation_notes::handler as conversation_notes;
use conversations::handler as conversations;
use conversations_by_customer::handler as conversations_by_customer;
use customer_history::handler as customer_history;
use customers::handler as customers;
use customers_batch_lookup::handler as batch_lookup;
use customers_bulk_create::handler as bulk_create;
use customers_sync::handler as sync;
use dashboard::handler as dashboard;
use dashboard_analytics::handler as analytics;
use dashboard_channels::handler as channels;
use dashboard_crm_jobs::handler as crm_jobs;
use dashboard_handoff::handler as handoff;
use dashboard_integrations::handler as integrations;
use dashboard_webhooks::handler as webhooks;
use docs::handler as docs;
use download_media::handler as download;
use escalate::handler as escalate;
use gateway::handler as gateway;
use messages_since::handler as messages_since;
use send_message::handler as send_message;
use sso_token::handler as sso_token;
use upload_attachment::handler as upload;
use webhook_crm::handler as webhook_crm;
use webhook_email::handler as webhook_email;
use webhook_meta::handler as webhook_meta;
use webhook_twilio::handler as webhook_twilio;

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
        "dashboard-handoff" => call.send(handoff::handle),
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
        "webhook-crm" => call.send(webhook_crm::handle),
        "webhook-meta" => call.send(webhook_meta::handle),
        "webhook-twilio" => call.send(webhook_twilio::handle),
        other => panic!("add the handler of {other} here"),
    }
}
