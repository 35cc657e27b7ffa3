//! The attribute at the entry line of a function. It is a crate of its own because attributes have to
//! be; `edge` gives it on.

use proc_macro::TokenStream;

/// What a request enters by. worker's attribute makes an async export of it, which costs a promise, a
/// task and a microtask before the first line runs, and a further microtask at each thing waited for.
/// This one runs the function at once (`edge::entry::answer`).
const FETCH: &str = "
mod _edge_fetch {
    #[::edge::entry::wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = ::edge::entry::wasm_bindgen)]
    pub fn fetch(
        request: ::edge::Request,
        env: ::edge::Env,
        ctx: ::edge::entry::RawContext,
    ) -> ::edge::entry::wasm_bindgen::JsValue {
        ::edge::entry::answer(super::fetch(request, env, ::edge::Context::new(ctx)))
    }
}";

/// Makes a function the entry of its Worker: `#[event(fetch)]` over `async fn fetch(request, env, ctx)`;
/// other events are worker's own.
#[proc_macro_attribute]
#[expect(
    clippy::expect_used,
    reason = "both texts are tokens whatever is given"
)]
pub fn event(kind: TokenStream, item: TokenStream) -> TokenStream {
    let kind = kind.to_string();
    if kind == "fetch" {
        let entry: TokenStream = FETCH.parse().expect("the entry is Rust");
        return item.into_iter().chain(entry).collect();
    }
    let attribute: TokenStream = format!("#[::worker::event({kind})]")
        .parse()
        .expect("it is an attribute");
    attribute.into_iter().chain(item).collect()
}
