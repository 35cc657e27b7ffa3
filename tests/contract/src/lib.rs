//! The contract for people and programs: the OpenAPI 3.1 document and the page of it.
//!
//! Both are made of the route ledger, the Rust types and the texts of [`operations`], and written
//! into the gateway's assets by `scripts/generate`. Tests here fail when what is written there is not
//! what would be written now, when a part of the ledger has no text, and when real answers have
//! other shapes than the document says. Native only.

mod components;
pub mod curl;
pub mod document;
mod endpoints;
pub mod entry;
pub mod errors;
pub mod intro;
pub mod json;
pub mod openapi;
pub mod operations;
mod order;
pub mod page;
pub mod parameters;
mod responses;
pub mod routes;
pub mod schemas;
pub mod shapes;
pub mod webhooks;

#[cfg(test)]
mod tests;

/// What goes wrong while the document is made: a text for whoever runs it.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A file that is written.
#[derive(Debug)]
pub struct Generated {
    /// Where, from the root of the source tree.
    pub path: &'static str,
    /// What it holds.
    pub text: String,
}

/// The files, as they should be now.
///
/// # Errors
/// When a row of the ledger or a parameter has no text, or an example is no JSON.
pub fn generate() -> Result<[Generated; 5]> {
    let document = document::document()?;
    let json = serde_json::to_string_pretty(&document)?;
    let page = |part: page::Part| Generated {
        path: part.path(),
        text: page::render(&document, part),
    };
    Ok([
        page(page::Part::Api),
        page(page::Part::Settings),
        Generated {
            path: "functions/gateway/assets/openapi.json",
            text: json + "\n",
        },
        Generated {
            path: "scripts/lib/routes.json",
            text: serde_json::to_string_pretty(&routes::routes())? + "\n",
        },
        endpoints::file()?,
    ])
}
