use super::*;

fn cell<'r>(record: &'r RawRecord, name: &str) -> &'r str {
    record
        .value
        .get(name)
        .and_then(Node::filled)
        .unwrap_or_default()
}

#[test]
fn a_table_is_read_by_any_of_its_delimiters() {
    for delimiter in [",", ";", "\t", "|"] {
        let body =
            "id,name,note\r\n1,Ann,\"a, b; c\td|e\"\r\n2,\"Bo \"\"B\"\"\",\"two\nlines\"\r\n"
                .replace(',', delimiter);
        let records = read(Format::Csv, &body);
        assert_eq!(paths(&records), ["rows[0]", "rows[1]"], "{delimiter}");
        assert!(cell(&records[0], "note").starts_with("a"));
        assert_eq!(cell(&records[1], "name"), "Bo \"B\"");
        assert_eq!(cell(&records[1], "note"), "two\nlines");
    }
    assert_eq!(
        cell(&read(Format::Csv, "sep=;\na;b,c\n1;2,3\n")[0], "b,c"),
        "2,3"
    );
    assert_eq!(cell(&read(Format::Tsv, "a,x\tb\n1\t2\n")[0], "a,x"), "1");
}

#[test]
fn rows_may_be_ragged_names_missing_or_twice_and_formulas_are_text() {
    let body = "id,name,,name\n1,=1+1,x\n\n2,a,b,c,d\n ,,\n3";
    let records = read(Format::Csv, body);
    assert_eq!(records.len(), 3);
    assert_eq!(cell(&records[0], "name"), "=1+1");
    assert_eq!(cell(&records[0], "column 3"), "x");
    assert_eq!(records[0].value.get("name 2"), None);
    assert_eq!(
        (cell(&records[1], "name 2"), cell(&records[1], "column 5")),
        ("c", "d")
    );
    assert_eq!(cell(&records[2], "id"), "3");
}

#[test]
fn a_quote_that_is_left_open_is_named_by_its_line() {
    let found = read_with(
        Format::Csv,
        "id,note\n1,ok\n2,\"open\n3,x\n",
        &Shape::default(),
    );
    let trouble = found.unwrap_err();
    assert_eq!(trouble.code, "bad_csv");
    assert!(trouble.message.contains("line 3"), "{trouble}");
    // A quote within a cell is one.
    let records = read(Format::Csv, "id,size\n1,5\" wide\n2,6\"\n");
    assert_eq!(cell(&records[0], "size"), "5\" wide");
}

#[test]
fn a_table_without_rows_has_no_records() {
    for body in ["id,name", "id,name\n", "\n\n", "id,name\n,\n"] {
        assert!(read(Format::Csv, body).is_empty(), "{body:?}");
    }
}
