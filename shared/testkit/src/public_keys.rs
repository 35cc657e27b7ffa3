//! Signatures, checked natively as the platform's WebCrypto checks them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use common::ports::{Algorithm, PublicKey, Signed};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};

pub(crate) fn is_signed(signed: Signed<'_>) -> bool {
    let Signed {
        algorithm,
        key,
        message,
        signature,
    } = signed;
    let bytes = |text: &str| BASE64.decode(text).unwrap_or_default();
    match (algorithm, key) {
        (Algorithm::Rs256 | Algorithm::Ps256, PublicKey::Rsa { n, e }) => {
            let (n, e) = (bytes(n), bytes(e));
            let key = RsaPublicKeyComponents { n: &n, e: &e };
            let how = match algorithm {
                Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
                _ => &RSA_PKCS1_2048_8192_SHA256,
            };
            key.verify(how, message, signature).is_ok()
        }
        (Algorithm::Es256, PublicKey::P256 { x, y }) => {
            let point = [vec![4], bytes(x), bytes(y)].concat();
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
            key.verify(message, signature).is_ok()
        }
        (Algorithm::EdDsa, PublicKey::Ed25519 { x }) => {
            let key = UnparsedPublicKey::new(&ED25519, bytes(x));
            key.verify(message, signature).is_ok()
        }
        _ => false,
    }
}
