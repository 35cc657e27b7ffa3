use super::super::address::Address;
use super::*;

fn mail(from: &str, headers: &[(&str, &str)]) -> Mail {
    let mut mail = Mail {
        from: Address::new(None, from),
        ..Mail::default()
    };
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    mail.set_headers(headers.iter().map(own));
    mail
}

fn by(provider: &str, mail: &Mail) -> &'static str {
    let verifier = Verifier::of(provider, &Fields::default());
    verifier.verdict(mail).as_str()
}

fn cloudflare(results: &[&str]) -> &'static str {
    let headers: Vec<_> = results
        .iter()
        .map(|value| ("Authentication-Results", *value))
        .collect();
    by("cloudflare", &mail("joe@example.com", &headers))
}

#[test]
fn dmarc_of_the_providers_own_server_counts() {
    let real = "mx.cloudflare.net;\r\n\tdkim=pass header.d=example.com header.s=20251104 header.b=L6CZ3OJ0;\r\n\t\
        dmarc=pass header.from=example.com policy.dmarc=none;\r\n\t\
        spf=none (mx.cloudflare.net: no SPF records found for postmaster@mx.example.com) smtp.helo=mx.example.com;\r\n\t\
        arc=none smtp.remote-ip=\"192.0.2.7\"";
    assert_eq!(cloudflare(&[real]), "pass");
    for (results, expected) in [
        (
            "MX.Cloudflare.NET 1; DMARC = Pass header.from = Example.COM.",
            "pass",
        ),
        (
            "mx.cloudflare.net; dmarc/1=pass (p=none) header.from=joe@example.com",
            "pass",
        ),
        (
            "mx.cloudflare.net; dmarc=pass header.from=evil.example",
            "fail",
        ),
        (
            "mx.cloudflare.net; dmarc=pass header.from=sub.example.com",
            "fail",
        ),
        ("mx.cloudflare.net; dmarc=pass", "none"),
        (
            "mx.cloudflare.net; dmarc=fail header.from=example.com",
            "fail",
        ),
        (
            "mx.cloudflare.net; dmarc=none header.from=example.com",
            "none",
        ),
        (
            "mx.cloudflare.net; dmarc=bestguesspass header.from=example.com",
            "none",
        ),
        (
            "mx.cloudflare.net; spf=pass; dkim=pass header.d=example.com",
            "none",
        ),
        ("mx.cloudflare.net; none", "none"),
        (
            "mx.cloudflare.net; xdmarc=pass header.from=example.com",
            "none",
        ),
        (
            "mx.cloudflare.net; dmarc=pass header.from=example.com; dmarc=fail header.from=x.example",
            "fail",
        ),
        (
            "mx.cloudflare.net; spf=none (a \\) ; dmarc=pass header.from=example.com)",
            "none",
        ),
        (
            "mx.cloudflare.net; spf=none (; dmarc=pass header.from=example.com",
            "none",
        ),
        (
            "mx.cloudflare.net; spf=none reason=\"\\\"; dmarc=pass header.from=example.com\"",
            "none",
        ),
        (
            "mx.evil.example; dmarc=pass header.from=example.com",
            "none",
        ),
        (
            "\"mx.evil.example; mx.cloudflare.net\"; dmarc=pass header.from=example.com",
            "none",
        ),
        ("", "none"),
        (";;;", "none"),
    ] {
        assert_eq!(cloudflare(&[results]), expected, "{results}");
    }
}

#[test]
fn only_the_topmost_result_counts() {
    let (pass, fail) = (
        "mx.cloudflare.net; dmarc=pass header.from=example.com",
        "mx.cloudflare.net; dmarc=fail header.from=example.com",
    );
    let other = "mx.evil.example; dmarc=pass header.from=example.com";
    assert_eq!(cloudflare(&[fail, pass]), "fail");
    assert_eq!(cloudflare(&["mx.cloudflare.net; spf=pass", pass]), "none");
    assert_eq!(cloudflare(&[other, pass]), "none");
    assert_eq!(cloudflare(&[pass, fail]), "pass");
    assert_eq!(cloudflare(&[]), "none");
}

#[test]
fn results_whose_order_nobody_knows_have_to_agree() {
    let of = |results: &[&str]| {
        let headers: Vec<_> = results
            .iter()
            .map(|value| ("authentication-results", *value))
            .collect();
        by("resend", &mail("joe@example.com", &headers))
    };
    let pass = "amazonses.com; spf=pass; dmarc=pass header.from=example.com;";
    let fail = "amazonses.com; dmarc=fail header.from=example.com;";
    let other = "mx.evil.example; dmarc=pass header.from=example.com";
    for (results, expected) in [
        (&[pass][..], "pass"),
        (&[pass, pass], "pass"),
        (&[other, pass], "pass"),
        (&[pass, fail], "fail"),
        (&[fail, pass], "fail"),
        (&["amazonses.com; spf=none", pass], "none"),
        (&[other], "none"),
        (&[], "none"),
    ] {
        assert_eq!(of(results), expected, "{results:?}");
    }
}

#[test]
fn postmarks_findings_stand_above_the_mail() {
    let arrival = "from mx.example.com (mx.example.com [192.0.2.7])\tby p-pm-inboundg01a.inbound.postmarkapp.com (Postfix) with ESMTPS id 1";
    let filter = "by p-pm-inboundg01a.inbound.postmarkapp.com (Postfix, from userid 996)\tid 2";
    let of = |tests: &str, spoofed: &str| {
        let headers = [
            ("Return-Path", "<joe@example.com>"),
            ("Received", filter),
            ("X-Spam-Tests", tests),
            ("Received-SPF", "pass"),
            ("Received", arrival),
            ("X-Spam-Tests", spoofed),
            ("Received", "from a by b"),
        ];
        let headers: Vec<_> = headers
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        by("postmark", &mail("joe@example.com", &headers))
    };
    for (tests, expected) in [
        (
            "DKIM_SIGNED,DKIM_VALID,DKIM_VALID_AU,HTML_MESSAGE,\tSPF_PASS",
            "pass",
        ),
        // A signature of somebody else's, or SPF alone.
        ("DKIM_SIGNED,DKIM_VALID,SPF_PASS", "none"),
        ("SPF_HELO_PASS,SPF_PASS", "none"),
        ("SPF_NONE", "none"),
        ("SPF_FAIL", "fail"),
        ("DKIM_SIGNED,SPF_FAIL", "fail"),
        ("DKIM_VALID,SPF_FAIL", "none"),
        ("NO_DKIM_VALID_AU,XDKIM_VALID_AU", "none"),
        ("", "none"),
    ] {
        assert_eq!(of(tests, ""), expected, "{tests}");
    }
    assert_eq!(of("", "DKIM_VALID_AU"), "none");
    assert_eq!(of("SPF_FAIL", "DKIM_VALID_AU"), "fail");
    // Without the `Received` of the arrival nobody knows what is the sender's.
    let bare = mail("joe@example.com", &[("X-Spam-Tests", "DKIM_VALID_AU")]);
    assert_eq!(by("postmark", &bare), "none");
}

#[test]
fn an_account_may_name_the_server_that_its_mail_passes() {
    let results = "mx.google.com; dmarc=pass (p=NONE) header.from=example.com";
    let mail = mail("joe@example.com", &[("Authentication-Results", results)]);
    let mut settings = Fields::default();
    for provider in ["resend", "postmark", "cloudflare"] {
        settings.insert("provider", provider.to_owned());
        settings.insert("authserv_id", "mx.google.com".to_owned());
        let verifier = Verifier::of(provider, &settings);
        assert_eq!(verifier.verdict(&mail), SenderVerified::Pass, "{provider}");
        // What another provider delivers for the account did not pass it.
        settings.insert("provider", "another".to_owned());
        let verifier = Verifier::of(provider, &settings);
        assert_eq!(verifier.verdict(&mail), SenderVerified::None, "{provider}");
    }
}

#[test]
fn several_authors_and_nobody_are_never_authentic() {
    let results = [(
        "Authentication-Results",
        "mx.cloudflare.net; dmarc=pass header.from=example.com",
    )];
    let mut two = mail("joe@example.com", &results);
    two.has_many_authors = true;
    assert_eq!(by("cloudflare", &two), "none");
    assert_eq!(by("cloudflare", &mail("", &results)), "none");
}

#[test]
fn whatever_is_written_into_a_result_is_read() {
    for results in [
        "(",
        "\"",
        "\\",
        "mx.cloudflare.net;(\\",
        "mx.cloudflare.net;;dmarc",
        "mx.cloudflare.net; = = =",
    ] {
        assert_eq!(cloudflare(&[results]), "none", "{results}");
    }
    let nested = format!("mx.cloudflare.net; {}", "(".repeat(100_000));
    assert_eq!(cloudflare(&[&nested]), "none");
}
