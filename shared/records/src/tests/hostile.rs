use super::*;

const FORMATS: [Format; 8] = [
    Format::Json,
    Format::JsonLines,
    Format::Csv,
    Format::Tsv,
    Format::Xml,
    Format::Markdown,
    Format::Html,
    Format::Text,
];

/// Pseudo-random numbers (xorshift), the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    /// JSON of some kind.
    fn tree(&mut self, depth: usize) -> String {
        let names = [
            "id", "email", "data", "customer", "note", "phone", "token", "items", "", "a.b",
            "\\u0000", "card",
        ];
        let values = [
            "1",
            "null",
            "true",
            "\"\"",
            "\"a@x.pl\"",
            "\"4242 4242 4242 4242\"",
            "\"<p>x &amp; y\"",
            "-1.5e9",
            "\"\\ud83d\"",
            "\"password: x1\"",
            "\"DE89 3704 0044 0532 0130 00\"",
            "\"é好 one two three four. five\"",
        ];
        match self.below(if depth > 5 { 1 } else { 3 }) {
            0 => self.of(&values).to_owned(),
            1 => {
                let items: Vec<_> = (0..self.below(5)).map(|_| self.tree(depth + 1)).collect();
                format!("[{}]", items.join(","))
            }
            _ => {
                let fields = (0..self.below(5)).map(|_| {
                    let name = self.of(&names);
                    format!("\"{name}\":{}", self.tree(depth + 1))
                });
                let fields: Vec<_> = fields.collect();
                format!("{{{}}}", fields.join(","))
            }
        }
    }
}

/// Reads and makes whatever there is, and checks what always holds.
fn work_off(format: Format, body: &[u8]) {
    let shape = Shape {
        rename: vec![("a.*".into(), "b".into())],
        mask: strings(&["items.*.id"]),
        ..named("Link")
    };
    let recipe = Recipe::new(&shape);
    let _ = Format::detect(None, "/x", body, Expected::Anything);
    let Ok(reader) = Reader::new(format, body, &shape) else {
        return;
    };
    let mut seen = FieldsSeen::default();
    for raw in reader.take(50).map_while(Result::ok) {
        let record = recipe.make_noting(&raw, &phones, &mut seen);
        assert!(!record.key.is_empty() || raw.value.is_blank());
        for chunk in &record.chunks {
            assert!(chunk.text.chars().count() <= MAX_CHUNK, "{chunk:?}");
            assert!(!chunk.text.is_empty());
            assert!(!chunk.text.chars().any(|c| c.is_control() && c != '\n'));
        }
    }
}

#[test]
fn random_bytes_and_trees_are_read_or_refused() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "\n",
        "\\",
        "\\u",
        "<a>",
        "</a>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&amp;",
        "&#",
        ";",
        "\t",
        "|",
        "# ",
        "---\n",
        "```\n",
        "4242",
        "é",
        "\u{202e}",
        "\u{0}",
        "a@x.pl",
        "password: ",
        "eyJ",
        "://u:",
        "@",
        "1e",
        "-",
        " ",
        "sep=;\n",
        "<script>",
        "=",
        "'",
        "true",
        "null",
    ];
    for _ in 0..3_000 {
        let length = random.below(60);
        let bytes: Vec<u8> = match random.below(3) {
            0 => (0..length)
                .map(|_| u8::try_from(random.below(256)).unwrap())
                .collect(),
            1 => (0..length)
                .map(|_| random.of(&pieces))
                .collect::<String>()
                .into_bytes(),
            _ => {
                let mut tree = random.tree(0).into_bytes();
                if !tree.is_empty() && random.below(2) == 0 {
                    let at = random.below(tree.len());
                    tree[at] = u8::try_from(random.below(256)).unwrap();
                }
                tree
            }
        };
        for format in FORMATS {
            work_off(format, &bytes);
        }
    }
}

/// What took too long before, or might: each is worked off in a pass or a few. A quadratic reader would need minutes.
#[test]
fn bodies_that_repeat_one_thing_are_worked_off_all_the_same() {
    for part in [
        "{\"a\":",
        "[",
        "\"",
        "<a>",
        "<a ",
        "<a b='",
        "<!--",
        "&",
        "# \n",
        "x\n\n",
        "4242 ",
        "eyJa.",
        "://",
        "password ",
        "-----BEGIN ",
        "a,",
        "\n",
        "DE89 ",
        "pin: ",
        "1-",
        "<script>",
        "{}\n",
        "\"\",",
        "é",
    ] {
        let body = part.repeat(240_000 / part.len());
        for format in FORMATS {
            work_off(format, body.as_bytes());
        }
        let text = serde_like(&body);
        work_off(Format::Json, format!("[{{\"note\":{text}}}]").as_bytes());
    }
    let fields: Vec<String> = (0..20_000).map(|n| format!("\"{n}\":0")).collect();
    work_off(
        Format::Json,
        format!("[{{{}}}]", fields.join(",")).as_bytes(),
    );
    let elements: String = (0..20_000).map(|n| format!("<e{n}/>")).collect();
    work_off(
        Format::Xml,
        format!("<r><c>{elements}</c><c/></r>").as_bytes(),
    );
}

#[test]
fn a_body_that_becomes_too_long_a_text_is_refused() {
    let body = vec![0x80; 9 * 1024 * 1024];
    let trouble = Reader::new(Format::Text, &body, &named("Link"))
        .err()
        .unwrap();
    assert_eq!(trouble.code, "too_large");
    let page = "<h6>a</h6>b".repeat(200_000);
    let reader = Reader::new(Format::Html, page.as_bytes(), &named("Link")).unwrap();
    assert!(reader.count() > 0);
}

/// A text as JSON has it.
fn serde_like(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{escaped}\"")
}
