//! That a business's region is one that the phone library knows.

use dashboard::business::REGIONS;
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

#[test]
fn a_business_may_have_the_regions_of_the_phone_library_and_no_others() {
    let letters = || 'A'..='Z';
    let codes = letters().flat_map(|a| letters().map(move |b| format!("{a}{b}")));
    let is_known = |code: &String| {
        let region = Region::try_from(code.as_str()).ok();
        region.is_some_and(|region| {
            let mut known = PHONE_NUMBER_UTIL.get_supported_regions();
            known.any(|known| known == region)
        })
    };
    let known: Vec<String> = codes.filter(is_known).collect();
    let listed: Vec<&str> = REGIONS.split_ascii_whitespace().collect();
    assert_eq!(listed, known);
}
