//! Types of serde read from JSON without numbers that have fractions: what our Workers tell each other, and what a
//! statement of ours builds. serde_json reads every type by way of such numbers, of any length and to the last digit,
//! and tells what it did not expect; in a function that has no use for either, both weigh 18 KB gzip.

use super::raw::{integer, items, part, plain_text, text};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt::{Display, Formatter};

/// The text is no JSON, or not that of the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl Display for Unreadable {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("it is not the JSON that belongs here")
    }
}

impl std::error::Error for Unreadable {}

/// Reads a value. Every level of the text is gone through once more, so it is for values that are flat.
///
/// # Errors
/// For what is no JSON, for another shape, and for a number with a fraction or an exponent where the type asks for one; the
/// error does not say where.
pub fn read<'j, T: Deserialize<'j>>(json: &'j str) -> Result<T, Unreadable> {
    let value: &RawValue = serde_json::from_str(json).map_err(|_| Unreadable)?;
    T::deserialize(Plain(value.get()))
}

/// A value, undecoded, in what is known to be JSON.
#[derive(Clone, Copy)]
struct Plain<'j>(&'j str);

impl<'j> Plain<'j> {
    fn text(self) -> Result<Cow<'j, str>, Unreadable> {
        match plain_text(self.0) {
            Some(plain) => Ok(Cow::Borrowed(plain)),
            None => text(self.0).map(Cow::Owned).ok_or(Unreadable),
        }
    }

    fn fields(self) -> impl Iterator<Item = (String, Self)> {
        let fields = part(self.0).into_iter();
        fields.map(|(name, value)| (name, Self(value)))
    }
}

impl<'j> IntoDeserializer<'j, Unreadable> for Plain<'j> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'j> Deserializer<'j> for Plain<'j> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0.as_bytes().first() {
            Some(b'{') => MapDeserializer::new(self.fields()).deserialize_any(visitor),
            Some(b'[') => {
                let items = items(self.0).into_iter().map(Self);
                SeqDeserializer::new(items).deserialize_any(visitor)
            }
            Some(b'"') => match self.text()? {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            Some(b't') => visitor.visit_bool(true),
            Some(b'f') => visitor.visit_bool(false),
            Some(b'n') => visitor.visit_unit(),
            _ => {
                let number = integer(self.0).ok_or(Unreadable)?;
                match number.parse() {
                    Ok(number) => visitor.visit_i64(number),
                    Err(_) => visitor.visit_u64(number.parse().map_err(|_| Unreadable)?),
                }
            }
        }
    }

    fn deserialize_option<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            "null" => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'j>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'j>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if !self.0.starts_with('{') {
            return visitor.visit_enum(self.text()?.into_deserializer());
        }
        match self.fields().count() {
            1 => visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(
                self.fields(),
            ))),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        <V: Visitor<'j>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

/// None of serde's own texts, which print whatever was there.
impl de::Error for Unreadable {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Way {
        Short,
        Long(u8),
        Named { name: String },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        A { number: i64 },
        B,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Id(String);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Whole {
        text: String,
        number: i64,
        large: u64,
        small: u8,
        is_set: bool,
        maybe: Option<Id>,
        #[serde(default)]
        later: Option<u32>,
        ways: Vec<Way>,
        tagged: Vec<Tagged>,
        pairs: Vec<(i64, String)>,
        names: BTreeMap<String, Vec<String>>,
    }

    /// Reads the same as serde_json does.
    fn same<T: PartialEq + Debug + for<'j> Deserialize<'j>>(json: &str) {
        assert_eq!(
            read::<T>(json).ok(),
            serde_json::from_str(json).ok(),
            "{json}"
        );
    }

    #[test]
    fn reads_what_serde_json_writes() {
        let whole = Whole {
            text: "a \"quoted\" \\ é 🦀\n\u{1}".into(),
            number: i64::MIN,
            large: u64::MAX,
            small: 255,
            is_set: true,
            maybe: Some(Id("x".into())),
            later: None,
            ways: vec![Way::Short, Way::Long(7), Way::Named { name: "n".into() }],
            tagged: vec![Tagged::A { number: -3 }, Tagged::B],
            pairs: vec![(1, "a".into()), (-2, String::new())],
            names: BTreeMap::from([("a\"b".into(), vec![]), ("c".into(), vec!["d".into()])]),
        };
        for json in [
            serde_json::to_string(&whole).unwrap(),
            serde_json::to_string_pretty(&whole).unwrap(),
        ] {
            assert_eq!(read::<Whole>(&json).unwrap(), whole, "{json}");
        }
    }

    #[test]
    fn refuses_what_serde_json_refuses() {
        for json in [
            "",
            "{",
            "[1,]",
            "nul",
            "01",
            "\"\u{1}\"",
            "\"\\x\"",
            "\"\\ud800\"",
            "1 2",
        ] {
            same::<String>(json);
            same::<i64>(json);
            same::<Vec<i64>>(json);
        }
        for json in [
            "256",
            "-1",
            "1.5",
            "1e2",
            "\"1\"",
            "null",
            "18446744073709551616",
        ] {
            same::<u8>(json);
            same::<u64>(json);
            same::<Option<bool>>(json);
        }
        for json in [
            "\"short\"",
            "\"none\"",
            "{\"long\":3}",
            "{\"long\":300}",
            "{\"long\":3,\"short\":1}",
            "{}",
            "3",
        ] {
            same::<Way>(json);
        }
        for json in ["[1,\"a\"]", "[1]", "[1,\"a\",2]", "{}"] {
            same::<(i64, String)>(json);
        }
        for json in [
            "{\"kind\":\"B\",\"x\":{\"y\":[1.5]}}",
            "{\"kind\":\"A\",\"number\":1}",
            "{\"kind\":\"A\"}",
        ] {
            assert_eq!(
                read::<Tagged>(json).is_ok(),
                !json.contains("1.5") && !json.ends_with("\"A\"}"),
                "{json}"
            );
        }
    }

    #[test]
    fn what_is_not_asked_for_may_be_anything() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct One<'j> {
            a: &'j str,
        }
        let json = r#"{"b":[1.5,{"c":null}],"a":"borrowed","d":1e400}"#;
        assert_eq!(read::<One<'_>>(json).unwrap(), One { a: "borrowed" });
    }
}
