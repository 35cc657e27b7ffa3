//! The table's file, and what is none.

use super::FILE;
use embed_text::table::Table;
use knowledge::vector::DIMENSION;

/// A file with these pieces, each row one component of 127.
fn file_of(pieces: &[&str]) -> Vec<u8> {
    let mut file = b"SE01".to_vec();
    file.extend((pieces.len() as u32).to_le_bytes());
    file.extend((DIMENSION as u32).to_le_bytes());
    file.extend(pieces.iter().flat_map(|_| 0.5_f32.to_le_bytes()));
    for row in 0..pieces.len() {
        file.extend((0..DIMENSION).map(|n| if n == row { 127 } else { 0 }));
    }
    for piece in pieces {
        file.extend((piece.len() as u16).to_le_bytes());
        file.extend(piece.as_bytes());
    }
    file
}

fn refusal(file: &[u8]) -> &'static str {
    Table::parse(file.to_vec()).unwrap_err()
}

#[test]
fn the_table_is_the_one_that_its_readme_names() {
    let readme = include_str!("../../table/README.md");
    let digest = common::signatures::sha256_hex(FILE);
    assert!(readme.contains(&digest), "{digest}");
    let notice = include_str!("../../assets/NOTICE");
    assert!(notice.contains("Princeton University"));
}

#[test]
fn the_longest_piece_wins_and_the_rest_of_the_word_must_be_known() {
    let table = Table::parse(file_of(&["un", "unab", "##le", "##a", "##ble", "b"])).unwrap();
    assert_eq!(table.tokens("unable"), [1, 2]);
    assert_eq!(table.tokens("un-able"), [0]);
    assert_eq!(table.tokens("unb b"), [5]);
    assert_eq!(table.tokens("##le"), [0; 0]);
    assert_eq!(table.sum("unable")[..4], [0.0, 63.5, 63.5, 0.0]);
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    let file = file_of(&["a", "##b", "c"]);
    assert!(Table::parse(file.clone()).is_ok());
    for end in 4..file.len() {
        assert_eq!(refusal(&file[..end]), "the table is cut short", "{end}");
    }
    for end in [100, 150_000, 4_000_000, FILE.len() - 1] {
        assert_eq!(refusal(&FILE[..end]), "the table is cut short", "{end}");
    }
}

#[test]
fn a_file_that_is_damaged_is_refused_with_what_is_wrong() {
    let changed = |at: usize, bytes: &[u8]| {
        let mut file = file_of(&["a", "##b", "c"]);
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let none = "this is no table of vectors";
    assert_eq!(refusal(b""), none);
    assert_eq!(refusal(b"<html>nothing here</html>"), none);
    assert_eq!(refusal(&changed(3, b"2")), none);
    let dimension = "the table's vectors do not have 128 components";
    assert_eq!(refusal(&changed(8, &[64])), dimension);
    assert_eq!(
        refusal(&changed(4, &[255; 4])),
        "the table has too many rows"
    );
    assert_eq!(refusal(&changed(4, &[4])), "the table is cut short");
    let nan = f32::NAN.to_le_bytes();
    assert_eq!(
        refusal(&changed(16, &nan)),
        "a scale of the table is no number"
    );
    let longer = [file_of(&["a"]), vec![0]].concat();
    assert_eq!(refusal(&longer), "the table goes on after its end");
    let twice = "a piece of the table is there twice";
    assert_eq!(refusal(&file_of(&["a", "b", "a"])), twice);
}
