use crate::connection::Connection;
use crate::scram::{MECHANISM, Scram};
use crate::wire::{Body, message, startup};
use common::Context;
use knowledge::source::database::{Failure, PostgresUrl, Reason};

/// How a database asks for a login (PostgreSQL, Message Formats, `Authentication…`).
const OK: i32 = 0;
const CLEARTEXT: i32 = 3;
const MD5: i32 = 5;
const SASL: i32 = 10;
const SASL_CONTINUE: i32 = 11;
const SASL_FINAL: i32 = 12;

/// Logs in. The password itself is sent to nobody but who has shown a certificate of the host.
pub(crate) async fn login(
    cx: &Context<'_>,
    connection: &mut Connection<'_>,
    place: &PostgresUrl,
    password: &str,
) -> Result<(), Failure> {
    let mut parameters = vec![
        ("user", &*place.user),
        ("database", &*place.database),
        ("client_encoding", "UTF8"),
        ("application_name", "tieline"),
    ];
    if let Some(options) = &place.options {
        parameters.push(("options", options));
    }
    connection.send(&startup(&parameters)).await?;
    loop {
        let body = connection.expect(b'R').await?;
        let mut body = Body(&body);
        match body.int() {
            Some(OK) => break,
            Some(CLEARTEXT) if !place.is_plain => {
                let sent = [password.as_bytes(), &[0]].concat();
                connection.send(&message(b'p', &sent)).await?;
            }
            Some(SASL) => sasl(cx, connection, password, body).await?,
            Some(kind) => return Err(unsupported(kind)),
            None => return Err(Failure::of(Reason::NotPostgres, "")),
        }
    }
    loop {
        let message = connection.next().await?;
        match message.kind {
            // The key by which a statement could be cancelled.
            b'K' => {}
            b'Z' => break,
            _ => return Err(Failure::of(Reason::NotPostgres, "")),
        }
    }
    connection.is_logged_in();
    Ok(())
}

async fn sasl(
    cx: &Context<'_>,
    connection: &mut Connection<'_>,
    password: &str,
    mut mechanisms: Body<'_>,
) -> Result<(), Failure> {
    let is_there = std::iter::from_fn(|| mechanisms.text().filter(|name| !name.is_empty()))
        .any(|name| name == MECHANISM);
    if !is_there {
        return Err(unsupported(SASL));
    }
    let mut random = [0; 18];
    (cx.entropy)(&mut random);
    let scram = Scram::new(&random);
    let first = scram.message();
    let length = u32::try_from(first.len()).unwrap_or_default();
    let begin = [
        MECHANISM.as_bytes(),
        &[0],
        &length.to_be_bytes(),
        first.as_bytes(),
    ];
    connection.send(&message(b'p', &begin.concat())).await?;
    let challenge = told(connection, SASL_CONTINUE).await?;
    let proof = scram.prove(password, &challenge);
    let proof = proof.ok_or_else(|| Failure::of(Reason::NotPostgres, ""))?;
    connection
        .send(&message(b'p', proof.message.as_bytes()))
        .await?;
    let answer = told(connection, SASL_FINAL).await?;
    match proof.is_mutual(&answer) {
        true => Ok(()),
        false => Err(Failure::of(Reason::Impostor, "")),
    }
}

/// What the next message of a login says, which is to be of this kind.
async fn told(connection: &mut Connection<'_>, kind: i32) -> Result<String, Failure> {
    let body = connection.expect(b'R').await?;
    let mut body = Body(&body);
    let text = (body.int() == Some(kind)).then(|| String::from_utf8(body.0.to_vec()).ok());
    text.flatten()
        .ok_or_else(|| Failure::of(Reason::NotPostgres, ""))
}

fn unsupported(kind: i32) -> Failure {
    let said = match kind {
        CLEARTEXT => "an unencrypted password",
        MD5 => "MD5",
        SASL => "another mechanism of SASL",
        _ => "Kerberos, SSPI or something unknown",
    };
    Failure::of(Reason::LoginUnsupported, said)
}
