use crate::HEALTH_PATH;
use common::context::Services;
use common::http::ledger::service_binding;
use std::future::Future;
use std::pin::Pin;
use worker::Env;

/// The service bindings of the gateway.
pub(crate) struct Bindings(pub(crate) Env);

impl Services for Bindings {
    fn is_up<'a>(&'a self, function: &'a str) -> Pin<Box<dyn Future<Output = bool> + 'a>> {
        Box::pin(async move {
            let Ok(service) = self.0.service(&service_binding(function)) else {
                return false;
            };
            let url = format!("https://{function}{HEALTH_PATH}");
            service
                .fetch(url, None)
                .await
                .is_ok_and(|response| response.status_code() == 200)
        })
    }
}
