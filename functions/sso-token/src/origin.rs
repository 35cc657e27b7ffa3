use common::http::Error;
use common::ports::Ports;

/// Most origins of a business.
const MAX_ORIGINS: usize = 50;
/// Longest name of a host (RFC 1035 §2.3.4).
const MAX_HOST_BYTES: usize = 253;

/// The origins in the form in which browsers print them, each once.
///
/// # Errors
/// 422 that names the first invalid origin.
pub(super) fn checked_origins(ports: &Ports<'_>, origins: &[String]) -> Result<Vec<String>, Error> {
    if origins.len() > MAX_ORIGINS {
        let message = format!("A business has at most {MAX_ORIGINS} origins.");
        return Err(Error::invalid("allowed_origins", "at_most_50", message));
    }
    let may_be_plain = ports.is_on("ALLOW_INSECURE_URLS");
    let mut all = Vec::with_capacity(origins.len());
    for (n, origin) in origins.iter().enumerate() {
        let origin = origin_of(origin, may_be_plain).ok_or_else(|| {
            let message = "An origin is `https://` and a host, with a port where it is not 443: \
                           https://crm.example.com. No path, no wildcard.";
            Error::invalid(format!("allowed_origins[{n}]"), "origin", message)
        })?;
        if !all.contains(&origin) {
            all.push(origin);
        }
    }
    Ok(all)
}

/// What is allowed here goes into a header as it is: letters, digits, dots, hyphens, a port.
fn origin_of(text: &str, may_be_plain: bool) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let (scheme, authority) = text.split_once("://")?;
    let (host, port) = match authority.strip_prefix("[::1]") {
        Some(rest) => ("[::1]", rest.strip_prefix(':')),
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    if host == "[::1]" && port.is_none() && authority != "[::1]" {
        return None;
    }
    let is_loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    let default_port = match scheme {
        "https" => 443,
        "http" if is_loopback && may_be_plain => 80,
        _ => return None,
    };
    if !is_loopback && !is_host(host) {
        return None;
    }
    let port = match port {
        None => default_port,
        Some(digits) if digits.len() <= 5 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse::<u16>().ok().filter(|port| *port > 0)?
        }
        Some(_) => return None,
    };
    Some(if port == default_port {
        format!("{scheme}://{host}")
    } else {
        format!("{scheme}://{host}:{port}")
    })
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.len() <= MAX_HOST_BYTES && host.contains('.') && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port_that_is_not_the_schemes_own() {
        for (text, origin) in [
            ("https://crm.example.com", "https://crm.example.com"),
            (" HTTPS://CRM.Example.COM:443 ", "https://crm.example.com"),
            (
                "https://crm.example.com:8443",
                "https://crm.example.com:8443",
            ),
            (
                "https://xn--bcher-kva.example",
                "https://xn--bcher-kva.example",
            ),
            ("https://localhost:3000", "https://localhost:3000"),
            ("https://203.0.113.9", "https://203.0.113.9"),
        ] {
            assert_eq!(origin_of(text, false).as_deref(), Some(origin), "{text}");
        }
    }

    #[test]
    fn what_could_be_another_page_or_another_directive_is_none() {
        for text in [
            "",
            "*",
            "https://*",
            "https://*.example.com",
            "crm.example.com",
            "http://crm.example.com",
            "ftp://crm.example.com",
            "https://crm.example.com/",
            "https://crm.example.com/path",
            "https://crm.example.com?x",
            "https://crm.example.com#x",
            "https://user@crm.example.com",
            "https://crm.example.com; script-src *",
            "https://crm.example.com https://evil.example",
            "https://crm.example.com\r\nx: y",
            "https://crm.example.com:",
            "https://crm.example.com:0",
            "https://crm.example.com:65536",
            "https://crm.example.com:+80",
            "https://crm..example.com",
            "https://-crm.example.com",
            "https://intranet",
            "https://bücher.example",
            "https://'self'",
            "https://[::1",
            "https://[::1]x",
            "data:text/html,x",
        ] {
            assert_eq!(origin_of(text, true), None, "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_where_the_deployment_allows_it() {
        for text in [
            "http://localhost:3000",
            "http://127.0.0.1:8080",
            "http://[::1]:9",
        ] {
            assert_eq!(origin_of(text, true).as_deref(), Some(text));
            assert_eq!(origin_of(text, false), None);
        }
        assert_eq!(origin_of("http://10.0.0.1", true), None);
    }
}
