//! Where a lead goes.

use super::super::{Facts, Move, Pipeline, Stage, StageRules, wanted};

/// New, contacted, qualified, done, won, lost.
fn pipeline() -> Pipeline {
    let codes = ["new", "contacted", "qualified", "done", "won", "lost"];
    let stage = |(n, code): (usize, &&str)| Stage {
        id: (n + 1).to_string(),
        code: (*code).to_owned(),
        name: code.to_uppercase(),
    };
    Pipeline {
        id: "1".to_owned(),
        stages: codes.iter().enumerate().map(stage).collect(),
        ..Pipeline::default()
    }
}

fn rules(created: &str, response: &str, resolved: &str, reopens: bool) -> StageRules {
    let set = |id: &str| Some(id.to_owned()).filter(|id| !id.is_empty());
    StageRules {
        on_conversation_created: set(created),
        on_first_response: set(response),
        on_conversation_resolved: set(resolved),
        reopens,
    }
}

fn moved(
    stage: &str,
    ours: &str,
    has_reply: bool,
    is_resolved: bool,
    rules: &StageRules,
) -> String {
    let facts = Facts {
        stage: stage.to_owned(),
        ours: Some(ours.to_owned()).filter(|ours| !ours.is_empty()),
        has_reply,
        is_resolved,
    };
    match wanted(&facts, rules, &pipeline()) {
        Move::To(stage) => stage,
        Move::Stay(_) => "-".to_owned(),
        Move::Misconfigured(setting) => setting.to_owned(),
    }
}

#[test]
fn each_rule_is_a_condition_on_what_is_so_now() {
    let rules = rules("2", "3", "4", false);
    assert_eq!(moved("1", "1", false, false, &rules), "2");
    assert_eq!(moved("1", "1", true, false, &rules), "3");
    assert_eq!(moved("1", "", true, true, &rules), "4");
    assert_eq!(moved("2", "2", true, false, &rules), "3");
    assert_eq!(moved("3", "3", true, true, &rules), "4");
    // Resolved without an answer.
    assert_eq!(moved("2", "2", false, true, &rules), "4");
}

#[test]
fn a_stage_that_is_not_set_is_passed_over() {
    assert_eq!(moved("1", "1", true, true, &rules("2", "", "", false)), "2");
    assert_eq!(
        moved("1", "1", true, true, &rules("2", "3", "", false)),
        "3"
    );
    assert_eq!(moved("1", "1", true, true, &rules("", "", "", false)), "-");
    assert_eq!(
        moved("1", "1", false, false, &rules("", "3", "4", false)),
        "-"
    );
}

#[test]
fn it_never_goes_backwards_unless_opened_again_where_that_is_set() {
    let strict = rules("2", "3", "4", false);
    let lenient = rules("2", "3", "4", true);
    for at in ["2", "3", "4"] {
        assert_eq!(moved(at, at, false, false, &strict), "-", "{at}");
    }
    assert_eq!(moved("4", "4", true, false, &strict), "-");
    assert_eq!(moved("4", "4", true, false, &lenient), "3");
    assert_eq!(moved("4", "4", false, false, &lenient), "2");
    // People moved it there.
    assert_eq!(moved("4", "3", true, false, &lenient), "-");
    assert_eq!(moved("4", "", true, false, &lenient), "-");
    // It is no stage of a resolved conversation.
    assert_eq!(moved("3", "3", false, false, &lenient), "-");
}

#[test]
fn it_never_leaves_won_or_lost_by_itself() {
    for reopens in [false, true] {
        let rules = rules("2", "3", "5", reopens);
        for closed in ["5", "6"] {
            for (has_reply, is_resolved) in [(false, false), (true, false), (true, true)] {
                assert_eq!(moved(closed, closed, has_reply, is_resolved, &rules), "-");
            }
        }
        assert_eq!(
            moved("3", "3", true, true, &rules),
            "5",
            "a rule may close it"
        );
    }
}

#[test]
fn stages_of_other_pipelines_are_told_and_not_used() {
    let wrong = rules("2", "3", "40", false);
    assert_eq!(
        moved("3", "3", true, true, &wrong),
        "stage_progression.on_conversation_resolved"
    );
    assert_eq!(moved("1", "1", true, false, &wrong), "3");
    assert_eq!(
        moved("77", "77", true, true, &rules("2", "3", "4", true)),
        "-"
    );
}
