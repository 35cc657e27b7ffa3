use super::{Desk, JOE, handle};

impl Desk {
    fn opt_outs(&self) -> Vec<String> {
        self.texts("SELECT number || ' ' || is_out FROM opt_outs ORDER BY number")
    }
}

#[test]
fn stop_and_start_are_noted_with_their_messages() {
    let desk = Desk::new();
    desk.text("SM1", JOE, "Stop");
    assert_eq!(desk.opt_outs(), [format!("{JOE} 1")]);
    let detail = "SELECT detail ->> 'opt_out' FROM messages";
    assert_eq!(desk.texts(detail), ["stop"]);
    desk.stack.advance(1);
    desk.text("SM2", JOE, "START");
    assert_eq!(desk.opt_outs(), [format!("{JOE} 0")]);
    assert_eq!(desk.count("messages"), 2);
}

#[test]
fn a_stop_that_comes_again_after_a_start_undoes_nothing() {
    let desk = Desk::new();
    desk.text("SM1", JOE, "STOP");
    desk.stack.advance(1);
    desk.text("SM2", JOE, "START");
    desk.stack.advance(1);
    desk.text("SM1", JOE, "STOP");
    assert_eq!(desk.opt_outs(), [format!("{JOE} 0")]);
    desk.stack.advance(1);
    desk.text("SM3", JOE, "STOP");
    assert_eq!(desk.opt_outs(), [format!("{JOE} 1")]);
}

#[test]
fn twilios_own_word_counts_before_the_texts() {
    let desk = Desk::new();
    let send = |sid: &str, body: &str, opt_out_type: &str| {
        let params = [
            ("MessageSid", sid),
            ("From", JOE),
            ("Body", body),
            ("OptOutType", opt_out_type),
        ];
        desk.stack
            .twilio(&desk.channel_id, "", &params)
            .send(handle);
        desk.stack.advance(1);
    };
    send("SM1", "Stop", "HELP");
    assert!(desk.opt_outs().is_empty());
    send("SM2", "Ná scríobh", "STOP");
    assert_eq!(desk.opt_outs(), [format!("{JOE} 1")]);
    send("SM3", "Arís", "START");
    assert_eq!(desk.opt_outs(), [format!("{JOE} 0")]);
}

#[test]
fn an_opt_out_that_a_status_tells_of_is_noted() {
    let desk = Desk::new();
    desk.post(&[
        ("MessageSid", "SM1"),
        ("MessageStatus", "failed"),
        ("ErrorCode", "21610"),
        ("To", JOE),
        ("From", "+15005550001"),
    ]);
    assert_eq!(desk.opt_outs(), [format!("{JOE} 1")]);
}
