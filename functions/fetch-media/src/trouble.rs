/// Why a fetch did not succeed; the reason is shown to people and has no secret in it.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) reason: String,
    pub(crate) is_final: bool,
}

impl Trouble {
    /// It may succeed later.
    pub(crate) fn passing(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            is_final: false,
        }
    }

    /// It never will.
    pub(crate) fn lasting(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            is_final: true,
        }
    }
}
