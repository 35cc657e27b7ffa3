use crate::HEALTH_PATH;
use common::http::ledger::service_binding;
use common::outside::{Async, Services};
use worker::Env;

/// The service bindings of the gateway.
pub(crate) struct Functions(pub(crate) Env);

impl Services for Functions {
    fn is_up<'a>(&'a self, function: &'a str) -> Async<'a, bool> {
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
