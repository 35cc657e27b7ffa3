//! The commands for people who sign in.

use clap::{Subcommand, ValueEnum};

use super::{Admin, api_name};

const LINK_HELP: &str = "The link is good once, and for 15 minutes. Whoever has it signs in as that member: hand it \
    to them alone.";

#[derive(Debug, Subcommand)]
pub(crate) enum MemberCommand {
    /// Invite somebody, and print the link by which they sign in
    #[command(
        after_help = "Example:\n  tieline member invite ann@example.com --name \"Ann Lee\" --role agent"
    )]
    #[command(after_long_help = LINK_HELP)]
    Invite(MemberInvite),
    /// List the members
    List(MemberList),
    /// Say what a member may do
    #[command(after_help = "Example:\n  tieline member role ann@example.com admin")]
    Role(MemberRole),
    /// Remove a member, whose sessions end at once
    Remove(MemberRemove),
    /// Print another link by which a member signs in, in place of the one before
    #[command(after_help = LINK_HELP)]
    Link(MemberLink),
}

/// What a member may do; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Sees everything but keys, and changes nothing
    Viewer,
    /// Answers customers, too
    Agent,
    /// Changes settings, keys and members, too
    Admin,
    /// May also make and remove owners, and set retention
    Owner,
}

impl Role {
    /// Its name in the API.
    pub(crate) fn name(self) -> String {
        api_name(self)
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct MemberInvite {
    /// Their email address
    pub(crate) email: String,
    /// Their name [default: what stands before the @]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// What they may do
    #[arg(long, value_name = "ROLE", default_value = "agent")]
    pub(crate) role: Role,
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MemberList {
    /// Print a line of JSON for each
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MemberRole {
    /// Their email address, or their id
    pub(crate) member: String,
    /// What they may do from now on
    pub(crate) role: Role,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MemberRemove {
    /// Their email address, or their id
    pub(crate) member: String,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MemberLink {
    /// Their email address, or their id
    pub(crate) member: String,
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}
