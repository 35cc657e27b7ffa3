/// Why fetching a file failed. The reason is shown to people and contains no secret.
#[derive(Debug)]
pub(crate) struct MediaError {
    pub(crate) reason: String,
    pub(crate) is_final: bool,
}

impl MediaError {
    /// It may succeed later.
    pub(crate) fn transient(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            is_final: false,
        }
    }

    /// It never will.
    pub(crate) fn permanent(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            is_final: true,
        }
    }
}
