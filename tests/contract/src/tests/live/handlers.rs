//! Written by scripts/generate from the ledger.

use testkit::{Answer, Call};

/// Sends a call through the handler of its function.
#[rustfmt::skip]
pub(super) fn send(function: &str, call: Call<'_>) -> Answer {
    match function {
        "authorize-crm-links" => call.send(authorize_crm_links::handler::handle),
        "conversation-notes" => call.send(conversation_notes::handler::handle),
        "conversations" => call.send(conversations::handler::handle),
        "conversations-by-customer" => call.send(conversations_by_customer::handler::handle),
        "crm-links" => call.send(crm_links::handler::handle),
        "customer-context" => call.send(customer_context::handler::handle),
        "customer-history" => call.send(customer_history::handler::handle),
        "customers" => call.send(customers::handler::handle),
        "customers-batch-lookup" => call.send(customers_batch_lookup::handler::handle),
        "customers-bulk-create" => call.send(customers_bulk_create::handler::handle),
        "customers-sync" => call.send(customers_sync::handler::handle),
        "dashboard" => call.send(dashboard::handler::handle),
        "dashboard-alerts" => call.send(dashboard_alerts::handler::handle),
        "dashboard-analytics" => call.send(dashboard_analytics::handler::handle),
        "dashboard-api-log" => call.send(dashboard_api_log::handler::handle),
        "dashboard-channels" => call.send(dashboard_channels::handler::handle),
        "dashboard-crm-jobs" => call.send(dashboard_crm_jobs::handler::handle),
        "dashboard-deliveries" => call.send(dashboard_deliveries::handler::handle),
        "dashboard-handoff" => call.send(dashboard_handoff::handler::handle),
        "dashboard-integrations" => call.send(dashboard_integrations::handler::handle),
        "dashboard-members" => call.send(dashboard_members::handler::handle),
        "dashboard-webhooks" => call.send(dashboard_webhooks::handler::handle),
        "download-media" => call.send(download_media::handler::handle),
        "embed-text" => call.send(embed_text::handler::handle),
        "escalate" => call.send(escalate::handler::handle),
        "gateway" => call.send(gateway::handler::handle),
        "message-actions" => call.send(message_actions::handler::handle),
        "messages-since" => call.send(messages_since::handler::handle),
        "operator" => call.send(operator::handler::handle),
        "reseal-secrets" => call.send(reseal_secrets::handler::handle),
        "retention" => call.send(retention::handler::handle),
        "send-message" => call.send(send_message::handler::handle),
        "sign-in" => call.send(sign_in::handler::handle),
        "sso-token" => call.send(sso_token::handler::handle),
        "suggest-reply" => call.send(suggest_reply::handler::handle),
        "upload-attachment" => call.send(upload_attachment::handler::handle),
        "webhook-chatwoot" => call.send(webhook_chatwoot::handler::handle),
        "webhook-crm" => call.send(webhook_crm::handler::handle),
        "webhook-crm-links" => call.send(webhook_crm_links::handler::handle),
        "webhook-email" => call.send(webhook_email::handler::handle),
        "webhook-meta" => call.send(webhook_meta::handler::handle),
        "webhook-twilio" => call.send(webhook_twilio::handler::handle),
        other => panic!("no public route is of {other}"),
    }
}
