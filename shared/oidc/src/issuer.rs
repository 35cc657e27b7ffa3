use crate::Trouble;
use common::Context;
use common::ports::PublicUrl;

/// Where an issuer publishes what it is (openid-connect.md §1).
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// By what a provider is known: an https URL without a query and a fragment (openid-connect.md §1). One that differs
/// in a character, if only in its last slash, is another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// Reads an issuer's URL.
    ///
    /// # Errors
    /// What is wrong with it: not https, not public, or with a query or a fragment.
    pub fn parse(cx: &Context<'_>, url: &str) -> Result<Self, Trouble> {
        if url.contains(['?', '#']) {
            let message = "`issuer` must be a URL without a query and a fragment.";
            return Err(Trouble::new("issuer", message));
        }
        if url.ends_with(WELL_KNOWN) {
            let message =
                "`issuer` must be the URL before /.well-known/openid-configuration, without it.";
            return Err(Trouble::new("issuer", message));
        }
        match PublicUrl::parse(&cx.ports, "issuer", url) {
            Ok(_) => Ok(Self(url.to_owned())),
            Err(error) => Err(Trouble::new("issuer", error.message().to_owned())),
        }
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where its metadata are.
    #[must_use]
    pub fn metadata_url(&self) -> String {
        [self.0.trim_end_matches('/'), WELL_KNOWN].concat()
    }

    /// Whether it is Google, where an account of anybody's may have an address of any domain (openid-connect.md §4).
    #[must_use]
    pub fn is_google(&self) -> bool {
        self.0 == "https://accounts.google.com"
    }

    /// Whether it is a tenant of Microsoft Entra, whose tokens say by a claim of their own that an address is its
    /// person's.
    #[must_use]
    pub fn is_entra(&self) -> bool {
        self.0.starts_with("https://login.microsoftonline.com/")
    }
}
