//! `tieline member`: the people of a business, over a dashboard session begun with its admin key.

use serde::Deserialize;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::api::Answer;
use crate::args::{
    MemberCommand, MemberInvite, MemberLink, MemberList, MemberRemove, MemberRole, Role,
};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::text::{clean, table};
use crate::world::World;

/// Most members on a page.
const PAGE: &str = "200";

#[derive(Deserialize)]
struct Page {
    members: Vec<Value>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Member {
    id: String,
    email: String,
    name: String,
    role: String,
    signed_in_at: Option<String>,
}

/// A link by which somebody signs in; none where it was sent by email.
#[derive(Deserialize)]
struct SignIn {
    member: Member,
    sign_in_url: Option<String>,
}

pub(crate) fn run(
    command: &MemberCommand,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    match command {
        MemberCommand::Invite(options) => invite(options, config, world),
        MemberCommand::List(options) => list(options, config, world),
        MemberCommand::Role(options) => role(options, config, world),
        MemberCommand::Remove(options) => remove(options, config, world),
        MemberCommand::Link(options) => link(options, config, world),
    }
}

fn invite(options: &MemberInvite, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let before = options.email.split('@').next().unwrap_or_default();
    let name = options.name.as_deref().unwrap_or(before);
    let body = json!({ "email": options.email, "name": name, "role": options.role.name() });
    let session = Session::begin(config, &options.admin)?;
    let answer = call(&session, Method::POST, &[], Some(&body))?;
    let made = signing_in(&answer)?;
    if options.json {
        world.say(&String::from_utf8_lossy(&answer.body));
        return Ok(Exit::Done);
    }
    let (email, role) = (clean(&made.member.email, 254), clean(&made.member.role, 20));
    world.say(&format!("{email} is a member, as {role}."));
    made.say(world);
    Ok(Exit::Done)
}

fn link(options: &MemberLink, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let member = found(&session, &options.member)?;
    let answer = call(&session, Method::POST, &[&member.id, "sign-in-link"], None)?;
    match options.json {
        true => world.say(&String::from_utf8_lossy(&answer.body)),
        false => signing_in(&answer)?.say(world),
    }
    Ok(Exit::Done)
}

fn list(options: &MemberList, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let members = all(&session)?;
    if options.json {
        for member in &members {
            world.say(&member.to_string());
        }
        return Ok(Exit::Done);
    }
    if members.is_empty() {
        world.say("There is no member yet: `tieline member invite` makes one.");
        return Ok(Exit::Done);
    }
    let title = ["EMAIL", "NAME", "ROLE", "LAST SIGN-IN", "ID"];
    let mut rows = vec![title.map(str::to_owned).to_vec()];
    for member in members {
        let member = member_of(member)?;
        let signed_in = member.signed_in_at.unwrap_or_else(|| "never".into());
        let name = clean(&member.name, 200);
        rows.push(vec![
            clean(&member.email, 254),
            name,
            member.role,
            signed_in,
            member.id,
        ]);
    }
    world.say(&table(&rows));
    Ok(Exit::Done)
}

fn role(options: &MemberRole, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let member = found(&session, &options.member)?;
    let email = clean(&member.email, 254);
    let role = options.role.name();
    if member.role == role {
        world.say(&format!("{email} is {role} already."));
        return Ok(Exit::Done);
    }
    let body = json!({ "role": role });
    call(&session, Method::PATCH, &[&member.id], Some(&body))?;
    world.say(&match options.role {
        Role::Owner => format!("{email} is an owner now, who may make and remove owners."),
        _ => format!("{email} is {role} now."),
    });
    Ok(Exit::Done)
}

fn remove(options: &MemberRemove, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let member = found(&session, &options.member)?;
    call(&session, Method::DELETE, &[&member.id], None)?;
    let email = clean(&member.email, 254);
    world.say(&format!(
        "{email} is no member any more, and their sessions have ended."
    ));
    Ok(Exit::Done)
}

impl SignIn {
    fn say(&self, world: &mut World<'_>) {
        match &self.sign_in_url {
            Some(url) => {
                world.say(&clean(url, 2000));
                world.note("The link is good once, and for 15 minutes. Hand it to them alone.");
            }
            None => world
                .say("The link was sent to them by email; it is good once, and for 15 minutes."),
        }
    }
}

fn call(
    session: &Session,
    method: Method,
    below: &[&str],
    body: Option<&Value>,
) -> Result<Answer, Failure> {
    let path = [&["members"], below].concat();
    let body = body.map(Value::to_string);
    let answer = session.send(method, &path, body.as_deref().map(str::as_bytes));
    answer.map_err(|error| refusal(&error))
}

fn signing_in(answer: &Answer) -> Result<SignIn, Failure> {
    answer.json().map_err(|error| refusal(&error))
}

fn member_of(json: Value) -> Result<Member, Failure> {
    serde_json::from_value(json)
        .map_err(|_| Failure::refused("the server's list has something that is no member"))
}

fn all(session: &Session) -> Result<Vec<Value>, Failure> {
    let (mut members, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut query = vec![("limit", PAGE)];
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page = session.find(&["members"], &query);
        let page: Result<Page, _> = page.and_then(|answer| answer.json());
        let page = page.map_err(|error| refusal(&error))?;
        members.extend(page.members);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(members);
        }
    }
}

/// A member by their address, however it is written, or by their id.
fn found(session: &Session, named: &str) -> Result<Member, Failure> {
    let named = named.trim().to_lowercase();
    for member in all(session)? {
        let member = member_of(member)?;
        if member.id == named || member.email.to_lowercase() == named {
            return Ok(member);
        }
    }
    let named = clean(&named, 254);
    Err(Failure::refused(format!(
        "{named} is no member: `tieline member list` shows who is"
    )))
}
