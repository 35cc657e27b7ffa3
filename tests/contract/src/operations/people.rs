//! Members.

use crate::entry::{Entry, Shape, created, deleted, json, ok};
use common::http::Kind;
use dashboard_members::me::Me;
use dashboard_members::member::{Member, MemberChange, MemberPage, NewMember, SignInLink};

const LINK: Shape = json::<SignInLink>(
    "link",
    "A link to be handed over",
    include_str!("../examples/sign_in_link.json"),
);

const NO_MEMBER: (Kind, &str) = (Kind::NotFound, "The business has no such member.");
const STAYS: (Kind, &str) = (
    Kind::Conflict,
    "The member was changed meanwhile, or is the last owner.",
);

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "me_get",
        summary: "Who is signed in",
        description: "The business, the member and their role. For a session in a cookie, also the `csrf_token` that \
                      every call but GET sends as `x-csrf-token`.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "Who asks.",
            &[json::<Me>(
                "me",
                "An agent in a browser",
                include_str!("../examples/me.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "member_list",
        summary: "List members",
        description: "Lists the members of the business, by their addresses.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "A page of members.",
            &[json::<MemberPage>(
                "members",
                "Two members",
                include_str!("../examples/members.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "member_invite",
        summary: "Invite a member",
        description: "Makes a member, and a link by which they sign in: good once, within 15 minutes. It is sent by email \
                      where the deployment has an account for that; else, and where the mail was not taken, it is shown in \
                      this response alone. Only an owner makes owners. A business has at most 1,000 members.",
        sample_target: "",
        request: Some(json::<NewMember>(
            "member",
            "An agent",
            include_str!("../examples/member.request.json"),
        )),
        answers: &[created("The member, with the link.", &[LINK])],
        errors: &[
            (Kind::Conflict, "A member of the business has this address."),
            (Kind::QuotaExceeded, "The business has 1,000 members."),
        ],
    },
    Entry {
        operation: "member_update",
        summary: "Change a member",
        description: "Changes the name or the role. Another role counts with the member's next request. Only an owner \
                      makes or changes owners, and one owner stays.",
        sample_target: "$MEMBER_ID",
        request: Some(json::<MemberChange>(
            "change",
            "An agent becomes an admin",
            r#"{"role": "admin"}"#,
        )),
        answers: &[ok(
            "The member.",
            &[json::<Member>(
                "member",
                "An admin",
                include_str!("../examples/member.json"),
            )],
        )],
        errors: &[NO_MEMBER, STAYS],
    },
    Entry {
        operation: "member_remove",
        summary: "Remove a member",
        description: "Removes a member with their sessions and links, at once. What they did stays in the audit log. Only \
                      an owner removes owners, and one owner stays.",
        sample_target: "$MEMBER_ID",
        request: None,
        answers: &[deleted("The member is removed.")],
        errors: &[NO_MEMBER, STAYS],
    },
    Entry {
        operation: "member_sign_in_link",
        summary: "Make a link to sign in",
        description: "Makes a link for a member, in the place of those before: good once, within 15 minutes, and shown \
                      only in this response. Only an owner makes one for an owner.",
        sample_target: "$MEMBER_ID",
        request: None,
        answers: &[ok("The link.", &[LINK])],
        errors: &[NO_MEMBER],
    },
];
