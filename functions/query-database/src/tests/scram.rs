//! The exchange that RFC 7677 §3 prints, and what is no such exchange.

use query_database::scram::Scram;

const CHALLENGE: &str =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

fn begun() -> Scram {
    Scram::with("user", "rOprNGfwEbeRWgbNEkqO".into())
}

#[test]
fn the_exchange_of_the_standard_is_reproduced() {
    let scram = begun();
    assert_eq!(scram.message(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    let proof = scram.prove("pencil", CHALLENGE).unwrap();
    assert_eq!(
        proof.message,
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
         p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    );
    assert!(proof.is_mutual("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    for other in [
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G8=",
        "v=",
        "e=other-error",
        "",
    ] {
        assert!(!proof.is_mutual(other), "{other}");
    }
}

#[test]
fn a_challenge_of_another_login_or_of_too_many_rounds_is_not_answered() {
    for challenge in [
        "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=other-and-longer-than-what-we-sent,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
        "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4000000000",
        "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=100001",
        "r=rOprNGfwEbeRWgbNEkqOx,s=*,i=4096",
        "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "",
    ] {
        assert!(begun().prove("pencil", challenge).is_none(), "{challenge}");
    }
}
