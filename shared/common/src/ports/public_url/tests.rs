use super::*;

fn ports(insecure: &'static dyn Fn(&str) -> Option<String>) -> Ports<'static> {
    Ports {
        variable: insecure,
        ..Ports::NOTHING
    }
}

fn rule_of(url: &str, insecure: bool) -> String {
    let ports = if insecure {
        ports(&|name| (name == ALLOW_INSECURE_URLS).then(|| "1".to_owned()))
    } else {
        ports(&|_| None)
    };
    match PublicUrl::parse(&ports, "url", url) {
        Ok(url) => format!("taken {}", url.as_str()),
        Err(error) => {
            assert_eq!((error.status(), error.code()), (422, "unsafe_url"), "{url}");
            "refused".to_owned()
        }
    }
}

#[test]
fn public_names_and_addresses_are_taken_as_they_are() {
    for url in [
        "https://crm.example/webhooks/messages",
        "HTTPS://CRM.Example",
        "https://crm.example:8443/a?b=c#d",
        "https://a_b.crm.example?x=http://127.0.0.1/",
        "https://crm.example/@127.0.0.1",
        "https://xn--bcher-kva.example/",
        "https://abc123.ngrok.io/webhooks/messages",
        "https://8.8.8.8/",
        "https://172.32.0.1/",
        "https://[2606:4700::1111]:443/",
        "https://1.2.3.4.example/",
        "https://crm.example/ünïcode",
    ] {
        assert_eq!(rule_of(url, false), format!("taken {url}"));
    }
}

const HOSTILE: &[&str] = &[
    "",
    "crm.example",
    "//crm.example/",
    "http://crm.example/",
    "ftp://crm.example/",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https:crm.example",
    "https:/crm.example",
    "https:///crm.example",
    "https://",
    "https://?x",
    "https://:443/",
    "https://crm.example:/",
    "https://crm.example:0/",
    "https://crm.example:65536/",
    "https://crm.example:+80/",
    "https://crm.example:8o/",
    // Users and passwords, and what looks like them.
    "https://user@crm.example/",
    "https://user:password@crm.example/",
    "https://crm.example@127.0.0.1/",
    "https://crm.example:80@127.0.0.1/",
    "https://@crm.example/",
    // What parsers drop or turn round.
    " https://crm.example/",
    "https://crm.example/ ",
    "https://crm.exa mple/",
    "https://crm.example\t/",
    "https://crm.example/\n",
    "https://crm.example\u{0}/",
    "https://crm.example\u{a0}/",
    "https://crm.example\\@127.0.0.1/",
    "https:\\\\127.0.0.1/",
    "https://crm.example%00.evil.example/",
    "https://%31%32%37.0.0.1/",
    "https://127%2e0%2e0%2e1/",
    "https://１２７.0.0.1/",
    "https://①②⑦.0.0.1/",
    "https://bücher.example/",
    "https://crm。example/",
    // Loopback, private, link-local, metadata, in every spelling.
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://127.255.255.254/",
    "https://2130706433/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://0x7f.0.0.1/",
    "https://0x7f000001/",
    "https://0X7F.1/",
    "https://0x/",
    "https://127.0.0.0x1/",
    "https://127.0.0.01/",
    "https://0/",
    "https://0.0.0.0/",
    "https://1.1.1/",
    "https://1.1.1.1.1/",
    "https://256.1.1.1/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://100.100.100.200/",
    "https://169.254.169.254/latest/meta-data/",
    "https://168.63.129.16/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://198.51.100.1/",
    "https://203.0.113.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[2001:db8::1]/",
    "https://[3fff::1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[100::1]/",
    "https://[::1/",
    "https://[]/",
    "https://[127.0.0.1]/",
    "https://[::1]x/",
    "https://::1/",
    // Names that are not public.
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://localhost:8443/",
    "https://crm.localhost/",
    "https://crm.example./",
    "https://127.0.0.1./",
    "https://crm..example/",
    "https://.example/",
    "https://./",
    "https://intranet/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://router.home.arpa/",
    "https://nas.lan/",
    "https://server.localdomain/",
    "https://-crm.example/",
    "https://crm-.example/",
    "https://crm!.example/",
];

#[test]
fn urls_that_lead_inside_or_are_read_in_two_ways_are_refused() {
    let long_label = format!("https://{}.example/", "a".repeat(64));
    let long_name = format!("https://{}example/", "a.".repeat(130));
    let long_url = format!("https://crm.example/{}", "a".repeat(MAX_URL_BYTES));
    for url in HOSTILE
        .iter()
        .copied()
        .chain([&*long_label, &long_name, &long_url])
    {
        assert_eq!(rule_of(url, false), "refused", "{url}");
    }
}

#[test]
fn loopback_is_taken_where_the_deployment_allows_it_and_nothing_else_is() {
    let loopback = [
        "http://127.0.0.1:8787/hook",
        "https://127.0.0.1/",
        "http://localhost:3000/",
        "https://localhost/",
        "http://[::1]:8080/",
    ];
    for url in loopback {
        assert_eq!(rule_of(url, true), format!("taken {url}"));
    }
    let but = |url: &&&str| !loopback.contains(*url);
    for url in HOSTILE.iter().filter(but) {
        let is_loopback = ["LOCALHOST", "localhost:8443", "127.255.255.254", "[::1]/"];
        if !is_loopback.iter().any(|host| url.contains(host)) {
            assert_eq!(rule_of(url, true), "refused", "{url}");
        }
    }
    assert_eq!(rule_of("http://crm.example/", true), "refused");
    assert_eq!(
        rule_of("https://crm.example/", true),
        "taken https://crm.example/"
    );
}

#[test]
fn our_own_origin_is_refused_however_it_is_written() {
    let ours = ports(&|name| (name == "PUBLIC_ORIGIN").then(|| "https://tieline.example".into()));
    for url in [
        "https://tieline.example/functions/v1/api-send-message",
        "https://TIELINE.example",
        "HTTPS://tieline.example:443/?x",
    ] {
        let error = PublicUrl::parse(&ours, "url", url).unwrap_err();
        assert_eq!(error.code(), "unsafe_url", "{url}");
        assert!(!PublicUrl::is_one(&ours, url), "{url}");
    }
    for url in [
        "https://tieline.example:8443/",
        "https://other.tieline.example/",
        "https://crm.example/tieline.example",
    ] {
        assert!(PublicUrl::is_one(&ours, url), "{url}");
    }
}
