//! Calls from one Worker to another: JSON objects with named fields and a version.
//!
//! Functions are deployed one by one, so a caller and its callee may come from different builds. A
//! reader ignores fields it does not know, and a field added later is optional. Where that is not
//! enough the version rises, and a callee of an older build refuses the call. A refusal means that
//! nothing was done: the caller's work goes back to its queue and is tried again after the deployment.

use crate::http::{Error, Kind};
use crate::json::{plain, raw};
use crate::ports::Ports;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A call of another function, with what it asks for as its fields.
pub trait Call: Serialize + DeserializeOwned {
    /// The function that answers.
    const FUNCTION: &'static str;
    /// What is asked for, in a word; the callee's log line has it.
    const NAME: &'static str;
    /// Rises with a change that a reader of the version before would misunderstand.
    const VERSION: u32;
    /// What the function answers.
    type Answer: Serialize + DeserializeOwned;

    /// Reads the call, or its answer. A call that has numbers with fractions, or fields that may be any JSON, is read by
    /// [`any_json`].
    ///
    /// # Errors
    /// For another shape.
    fn parse<T: DeserializeOwned>(json: &str) -> Result<T, plain::Unreadable> {
        plain::read(json)
    }
}

/// Reads what [`Call::parse`] cannot.
///
/// # Errors
/// For another shape.
pub fn any_json<T: DeserializeOwned>(json: &str) -> Result<T, plain::Unreadable> {
    serde_json::from_str(json).map_err(|_| plain::Unreadable)
}

/// Makes a call. The callee runs it once for each time it is asked; what must happen once carries a
/// key of its own.
///
/// # Errors
/// 503 where the function does not answer, fails, or refuses the call.
pub async fn call<C: Call>(ports: &Ports<'_>, call: &C) -> Result<C::Answer, Error> {
    let body = versioned(C::VERSION, call)?;
    let answered = ports.services.call(C::FUNCTION, C::NAME, body.as_bytes());
    let answered = answered.await?;
    let refused = |why: String| Error::unavailable(format!("{}: {why}", C::FUNCTION));
    if !answered.is_done() {
        let code = String::from_utf8_lossy(&answered.body);
        return Err(refused(format!("{} {code}", answered.status)));
    }
    parse::<C, _>(&answered.body).map_err(|why| refused(why.to_owned()))
}

/// Reads a call; the callee's part.
///
/// # Errors
/// 400 for another version or another shape. Nothing may have been done before.
pub fn read<C: Call>(body: &[u8]) -> Result<C, Error> {
    parse::<C, C>(body).map_err(|why| Error::new(Kind::MalformedJson, why))
}

/// Writes the answer to a call; the callee's part.
///
/// # Errors
/// 500 for what cannot be JSON.
pub fn answer<C: Call>(answer: &C::Answer) -> Result<String, Error> {
    versioned(C::VERSION, answer)
}

fn versioned(version: u32, fields: &impl Serialize) -> Result<String, Error> {
    let json = serde_json::to_string(fields).map_err(Error::internal)?;
    let fields = json.strip_prefix('{').filter(|rest| rest.len() > 1);
    let fields = fields.ok_or_else(|| Error::internal("a call has no fields"))?;
    Ok(format!("{{\"version\":{version},{fields}"))
}

fn parse<C: Call, T: DeserializeOwned>(body: &[u8]) -> Result<T, &'static str> {
    const SHAPE: &str = "The call is of another shape.";
    let body = std::str::from_utf8(body).map_err(|_| SHAPE)?;
    let fields = raw::object(body).ok_or(SHAPE)?;
    let version: u32 = fields
        .get("version")
        .and_then(|version| version.parse().ok())
        .ok_or(SHAPE)?;
    if version != C::VERSION {
        return Err("The call is of another version.");
    }
    C::parse(body).map_err(|_| SHAPE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Old {
        text: String,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct New {
        text: String,
        #[serde(default)]
        urgent: bool,
    }

    impl Call for Old {
        const FUNCTION: &'static str = "callee";
        const NAME: &'static str = "test";
        const VERSION: u32 = 1;
        type Answer = Self;
    }

    impl Call for New {
        const FUNCTION: &'static str = "callee";
        const NAME: &'static str = "test";
        const VERSION: u32 = 1;
        type Answer = Self;
    }

    #[test]
    fn fields_have_names_and_a_version_stands_first() {
        let old = Old { text: "a".into() };
        let json = versioned(1, &old).unwrap();
        assert_eq!(json, r#"{"version":1,"text":"a"}"#);
        assert_eq!(read::<Old>(json.as_bytes()).unwrap(), old);
    }

    #[test]
    fn an_older_callee_ignores_what_a_newer_caller_adds_and_the_other_way_round() {
        let new = New {
            text: "a".into(),
            urgent: true,
        };
        let json = versioned(1, &new).unwrap();
        assert_eq!(read::<Old>(json.as_bytes()).unwrap().text, "a");
        let json = versioned(1, &Old { text: "a".into() }).unwrap();
        assert!(!read::<New>(json.as_bytes()).unwrap().urgent);
    }

    #[test]
    fn another_version_or_shape_is_refused() {
        for body in [
            r#"{"version":2,"text":"a"}"#,
            r#"{"text":"a"}"#,
            r#"{"version":1}"#,
            r#"["a"]"#,
            "",
        ] {
            assert_eq!(read::<Old>(body.as_bytes()).unwrap_err().status(), 400);
        }
    }
}
