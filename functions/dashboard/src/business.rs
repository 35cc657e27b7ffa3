//! Businesses: the tenants.

use crate::keys::Key;
use common::http::Error;
use common::http::input::{Expected, Input};
use common::json::raw;
use common::time::Timestamp;
use serde::Serialize;

/// The regions whose phone numbers are known, in order: those of the phone library, which is too large
/// for this Worker.
pub const REGIONS: &str = "\
    AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG \
    EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT \
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR \
    LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF \
    NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD \
    SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO TR TT TV TW \
    TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// The business to create.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct NewBusiness {
    /// The name, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = access::name::MAX_NAME_CHARS)))]
    pub name: String,
    /// ISO 3166-1 alpha-2 region by which national phone numbers are read, such as `IE`.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[A-Za-z]{2}$")))]
    pub default_region: String,
}

impl NewBusiness {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape.
    pub(crate) fn read(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["name", "default_region"])?;
        Ok(Self {
            name: input.required("name", Expected::TEXT, raw::text)?,
            default_region: input.required("default_region", Expected::TEXT, raw::text)?,
        })
    }
}

/// A business.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Business {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub id: String,
    /// The name.
    pub name: String,
    /// ISO 3166-1 alpha-2 region by which national phone numbers are read.
    pub default_region: String,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A new business with its first two keys, which are shown only here.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreatedBusiness {
    /// The business.
    pub business: Business,
    /// A key for the CRM: every scope but `admin`.
    pub api_key: String,
    /// What that key is, as a key that is created later.
    pub key: Key,
    /// A key with the scope `admin`, which opens dashboard sessions.
    pub admin_key: String,
}

/// A region as it is stored, in upper case.
///
/// # Errors
/// 422 for what is no region whose phone numbers are known.
pub(crate) fn checked_region(region: &str) -> Result<String, Error> {
    let region = region.trim().to_ascii_uppercase();
    if REGIONS
        .split_ascii_whitespace()
        .any(|known| known == region)
    {
        return Ok(region);
    }
    let message = match region.as_str() {
        "UK" => "`default_region` must be a code of ISO 3166-1: that of the United Kingdom is GB.",
        _ => "`default_region` must be the two-letter code of a country, such as IE.",
    };
    let rule = "iso_3166_1_alpha_2";
    Err(Error::invalid("default_region", rule, message))
}
