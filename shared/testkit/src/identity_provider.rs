//! A provider of OpenID Connect: what it publishes, the codes that it redeems, and tokens that it signs.

use crate::Stack;
use crate::ports::answer;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use common::form;
use common::ports::{FetchError, OutboundRequest, OutboundResponse};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a token endpoint, or the endpoint of a person's claims, answers in the place of what is usual.
type Answered = RefCell<Option<(u16, Value)>>;

/// A provider at [`IdentityProvider::ISSUER`].
pub struct IdentityProvider {
    /// What it publishes of itself.
    pub metadata: RefCell<Value>,
    /// The claims of the next ID token.
    pub claims: RefCell<Value>,
    /// The header of the next ID token.
    pub header: RefCell<Value>,
    /// What its token endpoint answers, where that is no token.
    pub answers: Answered,
    /// What it tells of a person beside the token.
    pub userinfo: Answered,
    /// Whether another key than the one that it publishes signs.
    pub is_forged: Cell<bool>,
    keys: [EcdsaKeyPair; 2],
    random: SystemRandom,
}

impl IdentityProvider {
    /// By what it is known.
    pub const ISSUER: &str = "https://login.acme.example";
    /// As what it knows Tieline.
    pub const CLIENT: &str = "the client";

    /// One that signs by ES256.
    #[must_use]
    pub fn new() -> Rc<Self> {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = || {
            let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
            EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key")
        };
        let at = |path: &str| format!("{}{path}", Self::ISSUER);
        Rc::new(Self {
            metadata: RefCell::new(json!({
                "issuer": Self::ISSUER,
                "authorization_endpoint": at("/authorize?tenant=7"),
                "token_endpoint": at("/token"),
                "jwks_uri": at("/keys"),
                "userinfo_endpoint": at("/userinfo"),
                "id_token_signing_alg_values_supported": ["RS256", "ES256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "authorization_response_iss_parameter_supported": true,
            })),
            claims: RefCell::new(Value::Null),
            header: RefCell::new(json!({ "alg": "ES256", "kid": "k1" })),
            answers: RefCell::default(),
            userinfo: RefCell::default(),
            is_forged: Cell::new(false),
            keys: [key(), key()],
            random,
        })
    }

    /// Has it answer what is asked of it, and another rule what is asked of others.
    pub fn serve(
        self: &Rc<Self>,
        stack: &Stack,
        others: impl Fn(&OutboundRequest) -> Option<Result<OutboundResponse, FetchError>> + 'static,
    ) {
        let this = Rc::clone(self);
        stack
            .ports
            .respond(move |request| this.respond(request).or_else(|| others(request)));
    }

    fn respond(&self, request: &OutboundRequest) -> Option<Result<OutboundResponse, FetchError>> {
        let path = request.url.strip_prefix(Self::ISSUER)?;
        Some(match (request.method, path) {
            ("GET", "/.well-known/openid-configuration") => answer(200, &self.metadata.borrow()),
            ("GET", "/keys") => answer(200, &json!({ "keys": [self.jwk()] })),
            ("POST", "/token") => match &*self.answers.borrow() {
                Some((status, body)) => answer(*status, body),
                None => answer(200, &self.tokens()),
            },
            ("GET", "/userinfo") => match &*self.userinfo.borrow() {
                Some((status, body)) => answer(*status, body),
                None => answer(404, &json!({})),
            },
            _ => answer(404, &json!({})),
        })
    }

    fn jwk(&self) -> Value {
        let point = self.keys[0].public_key().as_ref();
        let (x, y) = (BASE64.encode(&point[1..33]), BASE64.encode(&point[33..]));
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "kid": "k1", "alg": "ES256", "x": x, "y": y })
    }

    /// What a code is redeemed for.
    #[must_use]
    pub fn tokens(&self) -> Value {
        let token = self.token(&self.header.borrow(), &self.claims.borrow());
        json!({ "id_token": token, "access_token": "opaque-access", "token_type": "Bearer", "expires_in": 60 })
    }

    /// A token with this header and these claims. One whose algorithm is none has no signature.
    #[must_use]
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        if header["alg"] == "none" {
            return format!("{message}.");
        }
        let key = &self.keys[usize::from(self.is_forged.get())];
        let signed = key.sign(&self.random, message.as_bytes()).expect("signs");
        format!("{message}.{}", BASE64.encode(signed))
    }

    /// What a browser that was sent away to it brings there.
    #[must_use]
    pub fn sent(location: &str) -> Vec<(String, String)> {
        let (place, query) = location.split_once('?').expect("a query");
        assert_eq!(place, format!("{}/authorize", Self::ISSUER));
        form::pairs(query)
    }
}
