use super::*;

fn uploaded(name: &str, bytes: &[u8]) -> Option<&'static str> {
    upload_type(name, bytes).ok()
}

/// A zip of empty files with these names.
fn zip(names: &[&str]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    for name in names {
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        let mut header = vec![0; 26];
        header[22..24].copy_from_slice(&length);
        file.extend([b"PK\x03\x04".as_slice(), &header, name.as_bytes()].concat());
        let mut entry = vec![0; 42];
        entry[24..26].copy_from_slice(&length);
        directory.extend([b"PK\x01\x02".as_slice(), &entry, name.as_bytes()].concat());
    }
    let mut end = vec![0; 18];
    end[12..16].copy_from_slice(&u32::try_from(file.len()).unwrap().to_le_bytes());
    [file, directory, b"PK\x05\x06".to_vec(), end].concat()
}

/// An OLE file with one stream of this name.
fn ole(name: &str) -> Vec<u8> {
    let mut file = vec![0; 1024];
    file[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    let utf16: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    file[640..640 + utf16.len()].copy_from_slice(&utf16);
    let length = u16::try_from(utf16.len() + 2).unwrap();
    file[704..706].copy_from_slice(&length.to_le_bytes());
    file
}

#[test]
fn what_is_on_the_allow_list_is_told_by_its_content() {
    let cases: &[(&[u8], &str)] = &[
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (b"GIF89a\x01\0\x01\0", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
        (b"ID3\x04\0\0", "audio/mpeg"),
        (b"\xff\xfb\x90\x64\0", "audio/mpeg"),
        (b"\xff\xf1\x50\x80\0", "audio/aac"),
        (b"#!AMR\n\x0c", "audio/amr"),
        (b"OggS\0\x02\0\0\0\0\0\0OpusHead", "audio/ogg"),
        (b"\0\0\0\x20ftypM4A \0\0", "audio/mp4"),
        (b"\0\0\0\x20ftypisom\0\0", "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0", "video/quicktime"),
        (b"\0\0\0\x14ftyp3gp4\0\0", "video/3gpp"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01webm", "video/webm"),
        (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        (b"{\\rtf1\\ansi", "application/rtf"),
        (b"BEGIN:VCARD\r\nVERSION:3.0", "text/vcard"),
    ];
    for (bytes, media_type) in cases {
        for name in ["x", "x.html", "x.exe", "x.jpg"] {
            assert_eq!(uploaded(name, bytes), Some(*media_type), "{name}");
        }
        assert_eq!(inbound_type("x", Some("text/html"), bytes), *media_type);
    }
}

#[test]
fn an_office_document_is_told_by_what_lies_inside() {
    let types = "[Content_Types].xml";
    let cases = [
        (zip(&[types, "word/document.xml"]), Some(container::DOCX)),
        (zip(&[types, "xl/workbook.xml"]), Some(container::XLSX)),
        (zip(&["ppt/presentation.xml", types]), Some(container::PPTX)),
        (
            zip(&[types, "word/document.xml", "word/vbaProject.bin"]),
            None,
        ),
        (zip(&[types, "word/x", "Main.class"]), None),
        (zip(&["word/document.xml"]), None),
        (zip(&["photos/1.jpg"]), None),
        (ole("WordDocument"), Some("application/msword")),
        (ole("Workbook"), Some("application/vnd.ms-excel")),
        (
            ole("PowerPoint Document"),
            Some("application/vnd.ms-powerpoint"),
        ),
        (ole("Bookmarks"), None),
        (ole("Installer"), None),
    ];
    for (n, (bytes, expected)) in cases.iter().enumerate() {
        assert_eq!(uploaded("x.docx", bytes), *expected, "{n}");
    }
    let mut odt = zip(&["mimetype"]);
    let stored = [container::ODT.as_bytes(), b"PK\x03\x04"].concat();
    odt.splice(38..38, stored);
    assert_eq!(uploaded("x", &odt), Some(container::ODT));
}

#[test]
fn a_damaged_container_is_refused_and_breaks_nothing() {
    let whole = zip(&["[Content_Types].xml", "word/document.xml"]);
    for cut in 0..whole.len() {
        let _whatever = uploaded("x.docx", &whole[..cut]);
    }
    let mut lying = whole.clone();
    let end = lying.len() - 6;
    lying[end..end + 4].copy_from_slice(&[0xff; 4]);
    assert_eq!(uploaded("x.docx", &lying), None);
    assert_eq!(uploaded("x.docx", b"PK\x03\x04"), None);
    assert_eq!(uploaded("x.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), None);
}

#[test]
fn text_is_what_its_name_says_and_plain_otherwise() {
    let cases = [
        ("a.csv", "name,phone\nÄ,1", Some("text/csv")),
        ("a.txt", "hello", Some("text/plain")),
        ("a", "hello", Some("text/plain")),
        ("a.vcf", "begin:vcard", Some("text/vcard")),
        ("a.jpg", "not a picture", Some("text/plain")),
        (
            "a.xml",
            "<?xml version=\"1.0\"?><order id=\"1\"/>",
            Some("text/plain"),
        ),
        ("a.csv", "MZ,Mozambique\nNA,Namibia", Some("text/csv")),
        ("a.js", "alert(1)", None),
        ("a.BAT", "del *.*", None),
        ("a.py ", "print(1)", None),
        ("a.html", "hello", None),
    ];
    for (name, text, expected) in cases {
        assert_eq!(uploaded(name, text.as_bytes()), expected, "{name}");
    }
    assert_eq!(uploaded("latin.txt", b"gr\xfc\xdfe"), Some("text/plain"));
    assert_eq!(uploaded("nul.txt", b"a\0b"), None);
}

#[test]
fn what_runs_is_refused_under_any_name_and_opaque_when_a_customer_sends_it() {
    let cases: &[&[u8]] = &[
        b"<!DOCTYPE html><p>",
        b"\xef\xbb\xbf \n<HTML>",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"<?xml version=\"1.0\"?>\n<!-- a drawing -->\n<svg/>",
        b"<!-- x --><svg onload=alert(1)>",
        b"hello <script>alert(1)</script>",
        b"<script src=x>",
        b"<img src=x onerror=alert(1)>",
        b"<?php system($_GET[0]);",
        b"#!/bin/sh\nrm -rf /",
        b"@ECHO OFF\r\ndel c:\\",
        b"MZ\x90\0\x03\0\0\0",
        b"\x7fELF\x02\x01\x01",
        b"\xcf\xfa\xed\xfe\x07\0\0\x01",
        b"\xca\xfe\xba\xbe\0\0\0\x34",
        b"\0asm\x01\0\0\0",
    ];
    for bytes in cases {
        let shown = String::from_utf8_lossy(bytes);
        for name in ["x.jpg", "x.txt", "x.pdf", "x"] {
            assert_eq!(uploaded(name, bytes), None, "{name}: {shown}");
        }
        let stored = inbound_type("x.jpg", Some("image/jpeg"), bytes);
        assert_eq!(stored, OPAQUE, "{shown}");
    }
}

#[test]
fn an_empty_file_is_what_its_name_says() {
    assert_eq!(uploaded("receipt.pdf", b""), Some("application/pdf"));
    assert_eq!(uploaded("NOTE.TXT", b""), Some("text/plain"));
    for name in ["", "receipt", "page.html", "x.exe", ".pdf/"] {
        assert_eq!(uploaded(name, b""), None, "{name}");
    }
}

#[test]
fn what_a_customer_sends_keeps_a_harmless_type_of_its_own() {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0";
    assert_eq!(inbound_type("a", None, heic), "image/heic");
    assert_eq!(uploaded("a.heic", heic), None);
    let unknown = b"\x01\x02\x03\x04";
    let typed = |name: &str, declared: Option<&str>| inbound_type(name, declared, unknown);
    assert_eq!(typed("a", Some("Image/X-Thing; q=1")), "image/x-thing");
    assert_eq!(typed("a", None), OPAQUE);
    for declared in [
        "text/html",
        "image/svg+xml",
        "nothing",
        "a/b\r\nc: d",
        "/",
        "a b/c",
    ] {
        assert_eq!(typed("a", Some(declared)), OPAQUE, "{declared}");
    }
    assert_eq!(typed("a.exe", Some("image/x-thing")), OPAQUE);
    assert_eq!(inbound_type("a.js", None, b"alert(1)"), OPAQUE);
    assert_eq!(inbound_type("a.txt", None, b"hello"), "text/plain");
    assert_eq!(
        inbound_type("a.zip", None, &zip(&["a.jpg"])),
        "application/zip"
    );
}
