use super::{Async, Nothing};

/// Models that the platform runs, where the deployment binds them.
pub trait Ai {
    /// Whether it does.
    fn is_bound(&self) -> bool;

    /// Runs a model on JSON, and gives JSON.
    ///
    /// # Errors
    /// Why it did not; nothing tells whether it ran.
    fn run<'a>(
        &'a self,
        model: &'a str,
        input: &'a str,
        timeout_ms: u32,
    ) -> Async<'a, Result<String, AiError>>;
}

/// Why a model did not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AiError {
    /// It was not done in time.
    Late,
    /// What the platform said.
    Refused(String),
}

impl Ai for Nothing {
    fn is_bound(&self) -> bool {
        false
    }

    fn run<'a>(&'a self, _: &'a str, _: &'a str, _: u32) -> Async<'a, Result<String, AiError>> {
        let reason = "this function runs no models".to_owned();
        Box::pin(std::future::ready(Err(AiError::Refused(reason))))
    }
}
