use super::{Error, Route};
use crate::form;

/// A request's query parameters, decoded.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Decodes the query string. Bytes that are not UTF-8 become U+FFFD, which no key contains.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(form::pairs(text))
    }

    /// Refuses a parameter that the route does not know, or that comes twice.
    ///
    /// # Errors
    /// 422 that names it.
    pub fn check(&self, route: &Route) -> Result<(), Error> {
        for (n, (name, _)) in self.0.iter().enumerate() {
            let rule = if !route.query.contains(&name.as_str()) {
                "unknown"
            } else if self.0.iter().take(n).any(|(earlier, _)| earlier == name) {
                "once"
            } else {
                continue;
            };
            let shown: String = name.chars().take(64).collect();
            let known = match route.query {
                [] => "It takes no query parameters.".into(),
                names => format!("It knows: {}.", names.join(", ")),
            };
            let message = match rule {
                "once" => format!("The query parameter `{shown}` is given twice."),
                _ => format!("There is no query parameter `{shown}` here. {known}"),
            };
            return Err(Error::invalid(format!("query.{shown}"), rule, message));
        }
        Ok(())
    }

    /// The value of a parameter; one that is empty counts as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    /// Whether a parameter is there, if only as an empty one.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// A flag: `true` or `false`, absent is `false`.
    ///
    /// # Errors
    /// 422 for any other value.
    pub fn flag(&self, name: &'static str) -> Result<bool, Error> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Error::invalid(
                format!("query.{name}"),
                "boolean",
                format!("`{name}` must be true or false."),
            )),
        }
    }

    /// A whole number within bounds.
    ///
    /// # Errors
    /// 422 for what is not a number or is out of range.
    pub fn number(
        &self,
        name: &'static str,
        min: u32,
        max: u32,
        default: u32,
    ) -> Result<u32, Error> {
        let Some(text) = self.get(name) else {
            return Ok(default);
        };
        match text.parse() {
            Ok(n) if (min..=max).contains(&n) => Ok(n),
            _ => Err(Error::invalid(
                format!("query.{name}"),
                format!("{min}_to_{max}"),
                format!("`{name}` must be a whole number from {min} to {max}."),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::ledger::{Found, find};

    #[test]
    fn parameters_are_decoded_and_empty_ones_are_absent() {
        let query = Query::parse("phone=%2B353+87&email=a%40b.example&id=&x=%zz&y=%F0%9F%98%80");
        assert_eq!(query.get("phone"), Some("+353 87"));
        assert_eq!(query.get("email"), Some("a@b.example"));
        assert_eq!(query.get("id"), None);
        assert_eq!(query.get("x"), Some("%zz"));
        assert_eq!(query.get("y"), Some("😀"));
    }

    #[test]
    fn an_unknown_or_repeated_parameter_is_named() {
        let Found::Route(route, _) = find("GET", "/api-customers") else {
            panic!()
        };
        let refused = |text| {
            Query::parse(text)
                .check(route)
                .unwrap_err()
                .message()
                .to_owned()
        };
        assert!(refused("emial=x").contains("`emial`"));
        assert!(refused("id=1&id=2").contains("twice"));
        assert!(Query::parse("id=1&email=x").check(route).is_ok());
    }

    #[test]
    fn numbers_have_bounds() {
        for text in [
            "limit=0",
            "limit=1001",
            "limit=abc",
            "limit=-1",
            "limit=1e3",
        ] {
            assert!(
                Query::parse(text).number("limit", 1, 1000, 100).is_err(),
                "{text}"
            );
        }
        assert_eq!(
            Query::parse("limit=1000")
                .number("limit", 1, 1000, 100)
                .unwrap(),
            1000
        );
        assert_eq!(Query::parse("").number("limit", 1, 1000, 100).unwrap(), 100);
    }
}
