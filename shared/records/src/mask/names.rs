//! What a field's name says of its values.

/// Kinds of fields in which numbers mean something else than in free text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// Anything.
    Plain,
    /// Ids, codes, references, times: long numbers that are no cards.
    Id,
    /// Phone numbers.
    Phone,
    /// Card numbers.
    Card,
}

/// Last words of names of ids and the like.
const IDS: [&str; 37] = [
    "id",
    "ids",
    "gid",
    "guid",
    "uuid",
    "sku",
    "ean",
    "upc",
    "gtin",
    "barcode",
    "isbn",
    "asin",
    "mpn",
    "imei",
    "iccid",
    "tracking",
    "order",
    "invoice",
    "ticket",
    "reference",
    "ref",
    "serial",
    "code",
    "handle",
    "key",
    "psid",
    "timestamp",
    "date",
    "at",
    "url",
    "link",
    "href",
    "version",
    "revision",
    "number",
    "no",
    "num",
];
/// Words of names of phone numbers.
const PHONES: [&str; 14] = [
    "phone",
    "mobile",
    "tel",
    "telephone",
    "cell",
    "cellphone",
    "fax",
    "whatsapp",
    "msisdn",
    "sms",
    "telefon",
    "telefono",
    "handy",
    "phones",
];

impl Field {
    /// What the words of a name and of the one around it say.
    pub(crate) fn of(words: &[String]) -> Self {
        let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
        if has(&["card", "cards", "creditcard", "cardnumber", "cc", "pan"]) {
            return Self::Card;
        }
        if has(&PHONES) {
            return Self::Phone;
        }
        let last = words.last().map_or("", String::as_str);
        match IDS.contains(&last) {
            true => Self::Id,
            false => Self::Plain,
        }
    }
}

/// One word that makes a name that of a secret.
const SECRETS: [&str; 38] = [
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "passwort",
    "contrasena",
    "secret",
    "secrets",
    "token",
    "apikey",
    "apikeys",
    "apitoken",
    "accesstoken",
    "authtoken",
    "refreshtoken",
    "privatekey",
    "secretkey",
    "accesskey",
    "clientsecret",
    "credential",
    "credentials",
    "authorization",
    "cvv",
    "cvv2",
    "cvc",
    "cvc2",
    "otp",
    "totp",
    "iban",
    "ssn",
    "pesel",
    "aadhaar",
    "passport",
    "passportnumber",
    "taxid",
    "socialsecurity",
];
/// Words that make one together, one after the other.
const PAIRS: [(&str, &str); 34] = [
    ("api", "key"),
    ("api", "keys"),
    ("private", "key"),
    ("secret", "key"),
    ("access", "key"),
    ("signing", "key"),
    ("encryption", "key"),
    ("auth", "key"),
    ("session", "key"),
    ("session", "token"),
    ("recovery", "code"),
    ("recovery", "codes"),
    ("backup", "codes"),
    ("security", "code"),
    ("security", "answer"),
    ("security", "number"),
    ("social", "security"),
    ("social", "insurance"),
    ("national", "id"),
    ("national", "number"),
    ("national", "identity"),
    ("national", "insurance"),
    ("identity", "number"),
    ("tax", "id"),
    ("tax", "number"),
    ("tax", "identification"),
    ("fiscal", "code"),
    ("pin", "number"),
    ("card", "pin"),
    ("drivers", "license"),
    ("driver", "license"),
    ("driving", "licence"),
    ("bank", "account"),
    ("session", "cookie"),
];
/// Last words of names that tell of a secret and are none: `password_changed_at`, `token_type`.
const ABOUT: [&str; 27] = [
    "at",
    "on",
    "date",
    "time",
    "count",
    "type",
    "status",
    "state",
    "enabled",
    "required",
    "policy",
    "length",
    "strength",
    "expiry",
    "expires",
    "expiration",
    "updated",
    "changed",
    "name",
    "issued",
    "last4",
    "country",
    "limit",
    "reset",
    "symbol",
    "balance",
    "valid",
];

/// Whether a name, in words, is that of a secret or of a number of the state's.
pub(crate) fn is_secret(words: &[String]) -> bool {
    let Some(last) = words.last() else {
        return false;
    };
    if words.len() > 1 && ABOUT.contains(&last.as_str()) {
        return false;
    }
    let pairs = || {
        words.windows(2).any(|pair| match pair {
            [first, second] => PAIRS.contains(&(first, second)),
            _ => false,
        })
    };
    let word = |word: &String| SECRETS.contains(&word.as_str());
    (words.len() == 1 && last == "pin") || words.iter().any(word) || pairs()
}
