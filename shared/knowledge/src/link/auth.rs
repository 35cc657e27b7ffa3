//! Reading how requests prove who asks.

use super::{Auth, Grant};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The name of an [`Auth`].
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum AuthType {
    Bearer,
    Basic,
    Query,
    Header,
    Oauth2,
}

/// The fields of every [`Auth`].
#[derive(Deserialize)]
struct AuthFields {
    #[serde(rename = "type")]
    kind: AuthType,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    grant: Option<Grant>,
    #[serde(default)]
    authorize_url: Option<String>,
    #[serde(default)]
    token_url: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    scope: Option<String>,
}

/// Field by field: as serde derives it, one is read as a tree first, with code for all that JSON can be, 6 KB gzip.
impl<'de> Deserialize<'de> for Auth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = AuthFields::deserialize(deserializer)?;
        let needed =
            |field: Option<String>, name| field.ok_or_else(|| D::Error::missing_field(name));
        Ok(match fields.kind {
            AuthType::Bearer => Self::Bearer,
            AuthType::Basic => Self::Basic {
                username: needed(fields.username, "username")?,
            },
            AuthType::Query => Self::Query {
                name: needed(fields.name, "name")?,
            },
            AuthType::Header => Self::Header {
                name: needed(fields.name, "name")?,
            },
            AuthType::Oauth2 => Self::Oauth2 {
                grant: fields.grant.unwrap_or_default(),
                authorize_url: fields.authorize_url.unwrap_or_default(),
                token_url: needed(fields.token_url, "token_url")?,
                client_id: needed(fields.client_id, "client_id")?,
                scope: fields.scope.unwrap_or_default(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_read_as_it_is_written() {
        let oauth = |grant, authorize_url: &str, scope: &str| Auth::Oauth2 {
            grant,
            authorize_url: authorize_url.to_owned(),
            token_url: "https://a.example/token".to_owned(),
            client_id: "the client".to_owned(),
            scope: scope.to_owned(),
        };
        for auth in [
            Auth::Bearer,
            Auth::Basic {
                username: "reader".into(),
            },
            Auth::Query { name: "key".into() },
            Auth::Header {
                name: "x-key".into(),
            },
            oauth(Grant::ClientCredentials, "", ""),
            oauth(Grant::AuthorizationCode, "https://a.example/", "read"),
        ] {
            let json = serde_json::to_string(&auth).unwrap();
            assert_eq!(serde_json::from_str::<Auth>(&json).unwrap(), auth, "{json}");
        }
    }

    #[test]
    fn what_lacks_a_field_or_has_no_type_is_refused() {
        for (json, what) in [
            ("{}", "type"),
            (r#"{"type":"magic"}"#, "magic"),
            (r#"{"type":"basic","name":"reader"}"#, "username"),
            (r#"{"type":"query"}"#, "name"),
            (r#"{"type":"header","name":null}"#, "name"),
            (r#"{"type":"oauth2","client_id":"a"}"#, "token_url"),
            (r#"{"type":"oauth2","token_url":"a"}"#, "client_id"),
        ] {
            let error = serde_json::from_str::<Auth>(json).unwrap_err();
            assert!(error.to_string().contains(what), "{json}: {error}");
        }
    }
}
