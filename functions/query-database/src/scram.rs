use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::signatures::{hmac_sha256, same_bytes};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The mechanism. The one that also proves the channel needs what the platform's sockets do not tell.
pub const MECHANISM: &str = "SCRAM-SHA-256";
/// The client neither binds the channel nor could (RFC 5802 §6).
const NO_BINDING: &str = "n,,";
/// Most rounds that are run for a server: 4,096 are usual, and these take half a second.
const MAX_ROUNDS: u32 = 100_000;

/// A login that was begun.
pub struct Scram {
    nonce: String,
    first: String,
}

/// What is sent last, and what the server has to answer.
pub struct Proof {
    /// The client's last message.
    pub message: String,
    server: [u8; 32],
}

impl Scram {
    /// Begins with these random bytes. The user is named when the session begins, and not here (PostgreSQL, SASL
    /// Authentication).
    #[must_use]
    pub fn new(random: &[u8; 18]) -> Self {
        Self::with("", STANDARD.encode(random))
    }

    /// As [`Scram::new`], with a user and a nonce.
    #[must_use]
    pub fn with(user: &str, nonce: String) -> Self {
        let first = ["n=", user, ",r=", &nonce].concat();
        Self { nonce, first }
    }

    /// The client's first message.
    #[must_use]
    pub fn message(&self) -> String {
        [NO_BINDING, &self.first].concat()
    }

    /// What proves the password, given the server's first message; `None` for one that is none, is not of this login,
    /// or wants more rounds than are run. The password is of ASCII, which SASLprep (RFC 4013) leaves as it is.
    #[must_use]
    pub fn prove(&self, password: &str, challenge: &str) -> Option<Proof> {
        let mut parts = challenge.split(',');
        let nonce = parts.next()?.strip_prefix("r=")?;
        let salt = parts.next()?.strip_prefix("s=")?;
        let rounds: u32 = parts.next()?.strip_prefix("i=")?.parse().ok()?;
        let is_ours = nonce.len() > self.nonce.len() && nonce.starts_with(&self.nonce);
        if !is_ours || !(1..=MAX_ROUNDS).contains(&rounds) {
            return None;
        }
        let salted = salted(password, &STANDARD.decode(salt).ok()?, rounds);
        let binding = STANDARD.encode(NO_BINDING);
        let last = ["c=", &binding, ",r=", nonce].concat();
        let signed = [&*self.first, challenge, &last].join(",");
        let client = hmac_sha256(&salted, b"Client Key");
        let stored = Sha256::digest(client);
        let signature = hmac_sha256(&stored, signed.as_bytes());
        let proof: Vec<u8> = client.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        let server = hmac_sha256(&salted, b"Server Key");
        Some(Proof {
            message: [&*last, ",p=", &STANDARD.encode(proof)].concat(),
            server: hmac_sha256(&server, signed.as_bytes()),
        })
    }
}

impl Proof {
    /// Whether the server's last message proves that it knows the password, too.
    #[must_use]
    pub fn is_mutual(&self, message: &str) -> bool {
        let proof = message
            .split(',')
            .next()
            .and_then(|one| one.strip_prefix("v="));
        let proof = proof.and_then(|proof| STANDARD.decode(proof).ok());
        let proof: Option<[u8; 32]> = proof.and_then(|proof| proof.try_into().ok());
        proof.is_some_and(|proof| same_bytes(&proof, &self.server))
    }
}

/// PBKDF2 with HMAC-SHA-256, of one block (RFC 5802 §2.2, `Hi`). The key is prepared once for all rounds, which
/// halves the work.
fn salted(password: &str, salt: &[u8], rounds: u32) -> [u8; 32] {
    let mut block = [0; 64];
    let hashed = Sha256::digest(password.as_bytes());
    let key = match password.len() > block.len() {
        true => hashed.as_slice(),
        false => password.as_bytes(),
    };
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let keyed = Hmac::<Sha256>::new(&block.into());
    let round = |bytes: &[u8]| -> [u8; 32] {
        let mut mac = keyed.clone();
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    };
    let mut last = round(&[salt, &[0, 0, 0, 1]].concat());
    let mut salted = last;
    for _ in 1..rounds {
        last = round(&last);
        for (to, from) in salted.iter_mut().zip(last) {
            *to ^= from;
        }
    }
    salted
}
