//! Activities: types, titles, texts, times.

use super::super::{
    ActivityKind, Comment, MAX_COMMENT_BYTES, conversation_title, day_of, message_title,
    plain_text, schedule,
};
use super::now;

#[test]
fn the_type_is_by_channel() {
    let kind = |channel, has_subject| ActivityKind::of(channel, has_subject).as_str();
    assert_eq!(kind("email", false), "email");
    assert_eq!(kind("sms", false), "call");
    assert_eq!(kind("whatsapp", false), "call");
    for channel in ["web", "facebook", "instagram", "telegram", "line", "other"] {
        assert_eq!(kind(channel, true), "note", "{channel}");
    }
    assert_eq!((kind("api", false), kind("api", true)), ("note", "email"));
}

#[test]
fn titles_are_short_and_can_be_looked_for() {
    assert_eq!(conversation_title("123"), "Conversation #123");
    let title = message_title("Lovelace, Ada\n King", "123");
    assert_eq!(title, "Message from Lovelace Ada King - Conversation #123");
    assert_eq!(message_title(&"é".repeat(300), "1").chars().count(), 251);
}

fn said(text: &str) -> String {
    let mut comment = Comment::default();
    comment.text(text);
    comment.finish(None)
}

#[test]
fn what_people_write_is_shown_and_does_nothing() {
    let html = said("<script>alert('x')</script>\r\n\"A & B\"\rnext\nlast");
    let expected =
        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;<br>&quot;A &amp; B&quot;<br>next<br>last";
    assert_eq!(html, expected);
    let mut comment = Comment::default();
    comment.line("Status", "open");
    comment.line("Tags", "");
    comment.link("https://t.example/?a=1&b=\"", "a<b");
    let link = "<a href=\"https://t.example/?a=1&amp;b=&quot;\" target=\"_blank\" rel=\"noopener\">a&lt;b</a>";
    assert_eq!(
        comment.finish(None),
        ["Status: open<br><br>", link].concat()
    );
}

#[test]
fn what_is_too_long_ends_between_characters_with_a_link_to_the_rest() {
    let texts = [
        "é".repeat(70_000),
        "&".repeat(20_000),
        "\n".repeat(20_000),
        "a<b>\n".repeat(9000),
    ];
    for text in &texts {
        for shift in 0..9 {
            let text = ["x".repeat(shift).as_str(), text].concat();
            let mut comment = Comment::default();
            comment.text(&text);
            comment.link("https://t.example/file", "file.pdf");
            let html = comment.finish(Some("https://t.example/c/1"));
            assert!(html.len() <= MAX_COMMENT_BYTES, "{}", html.len());
            assert!(html.contains("https://t.example/c/1") && html.contains("file.pdf"));
            let kept = html.split('…').next().unwrap();
            assert!(said(&text).starts_with(kept));
            let last = kept.rfind(['<', '&']);
            let is_whole = last.is_none_or(|at| kept[at..].contains(['>', ';']));
            assert!(is_whole, "{:?}", &kept[kept.len() - 12..]);
        }
    }
    assert_eq!(
        said(&"a".repeat(MAX_COMMENT_BYTES)).len(),
        MAX_COMMENT_BYTES
    );
}

#[test]
fn what_people_write_there_is_read_as_text() {
    for (html, text) in [
        (
            "<p>Call <b>Ana</b> &amp; ask</p><p>Soon</p>",
            "Call Ana & ask\nSoon",
        ),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("1 < 2 && 3 > 2", "1 < 2 && 3 > 2"),
        ("&lt;b&gt; &unknown; &#39;", "<b> &unknown; '"),
        ("<script>x</script>", "x"),
        ("", ""),
    ] {
        assert_eq!(plain_text(html), text, "{html}");
    }
    let written = "Line <one>\n\"two\" & 'three'";
    assert_eq!(plain_text(&said(written)), written);
}

#[test]
fn times_are_of_the_clock_on_the_crms_wall() {
    let wall = || Some("2026-11-21 11:50:00".to_owned());
    assert_eq!(schedule(wall(), now()), "2026-11-21 11:50:00");
    assert_eq!(day_of(wall(), now()), "2026-11-21");
    for nothing in [
        None,
        Some("21.11.2026".to_owned()),
        Some("2026-11-21T11:50:00".to_owned()),
    ] {
        assert_eq!(schedule(nothing, now()), "2026-11-21 06:20:00");
    }
}
