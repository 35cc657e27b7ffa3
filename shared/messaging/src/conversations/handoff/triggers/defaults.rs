//! The words in which people ask for a person.

/// By language; a business may replace a language's, or add one.
#[rustfmt::skip]
pub static DEFAULTS: &[(&str, &[&str])] = &[
    ("en", &[
        "human", "agent", "representative", "operator", "person", "human being", "human agent",
        "live agent", "live person", "live human", "live chat agent", "real person", "real human",
        "real agent", "actual person", "actual human", "speak to a person", "speak to a human",
        "speak to an agent", "speak to someone", "speak to somebody", "speak to a representative",
        "speak with a person", "speak with a human", "speak with an agent", "speak with someone",
        "speak with a representative", "talk to a person", "talk to a human", "talk to an agent",
        "talk to someone", "talk to somebody", "talk to a representative", "talk with a person",
        "talk with a human", "talk with an agent", "talk with someone", "chat with an agent",
        "chat with a human", "chat with a person", "customer service representative",
    ]),
    ("de", &[
        "mensch", "menschen", "agent", "mitarbeiter", "mitarbeiterin", "kundenberater", "berater",
        "ansprechpartner", "echter mensch", "echten menschen", "echte person", "echten person",
        "mit jemandem sprechen", "mit jemandem reden", "mit einem menschen sprechen",
        "mit einem menschen reden", "mit einem mitarbeiter sprechen", "mit einem mitarbeiter reden",
        "mit einer person sprechen", "mit einem berater sprechen", "menschlicher ansprechpartner",
    ]),
    ("es", &[
        "humano", "agente", "persona", "representante", "asesor", "asesora", "operador",
        "persona real", "agente humano", "ser humano", "hablar con una persona",
        "hablar con alguien", "hablar con un humano", "hablar con un agente",
        "hablar con un asesor", "hablar con un representante",
    ]),
    ("fr", &[
        "humain", "agent", "conseiller", "conseillère", "opérateur", "être humain",
        "vraie personne", "personne réelle", "agent humain", "parler à quelqu'un",
        "parler à une personne", "parler à un humain", "parler à un conseiller",
        "parler à un agent", "parler avec quelqu'un", "parler avec un conseiller",
        "parler avec une personne",
    ]),
    ("pt", &[
        "humano", "atendente", "agente", "pessoa", "representante", "operador", "pessoa real",
        "pessoa de verdade", "atendimento humano", "ser humano", "falar com uma pessoa",
        "falar com alguém", "falar com um humano", "falar com um atendente",
        "falar com um agente", "falar com um representante",
    ]),
    ("it", &[
        "umano", "operatore", "operatrice", "agente", "persona", "rappresentante", "persona reale",
        "persona vera", "vera persona", "essere umano", "parlare con una persona",
        "parlare con qualcuno", "parlare con un operatore", "parlare con un umano",
        "parlare con un agente",
    ]),
    ("nl", &[
        "mens", "agent", "medewerker", "persoon", "echt persoon", "echte persoon", "echt mens",
        "echte mens", "iemand spreken", "met iemand praten", "met een mens praten",
        "met een medewerker praten", "medewerker spreken", "mens spreken", "persoon spreken",
    ]),
    ("ar", &[
        "موظف", "إنسان", "وكيل", "بشري", "شخص حقيقي", "موظف بشري", "ممثل خدمة العملاء",
        "التحدث مع شخص", "التحدث إلى شخص", "التحدث مع موظف", "التحدث إلى موظف",
        "أتحدث مع شخص", "أتحدث مع موظف", "أتحدث إلى شخص", "أتحدث إلى موظف", "التحدث مع إنسان",
    ]),
    ("hi", &[
        "इंसान", "एजेंट", "प्रतिनिधि", "व्यक्ति", "असली इंसान", "असली व्यक्ति", "इंसान से बात",
        "व्यक्ति से बात", "किसी से बात", "एजेंट से बात", "प्रतिनिधि से बात",
    ]),
];

/// Whether [`FILLERS`] has those of a language.
pub(super) fn is_known(language: &str) -> bool {
    DEFAULTS.iter().any(|(known, _)| *known == language)
}

/// Filler words that may surround a single trigger word; folded, of all languages, without articles.
pub const FILLERS: &str = "
    i id d im m ll we would like want wanna need to speak talk chat with me please pls plz now just can
    could may you get give connect transfer put through is there any hello hi hey help real live some
    for thanks thank ok okay yes no again
    ich mochte will wurde gern gerne mit bitte sprechen reden brauche kann konnte jetzt hallo danke
    verbinden mich mir sie hilfe zu zum mal
    yo quiero quisiera necesito hablar con por favor puedo puede ahora hola gracias ayuda
    comunicarme pasar pasame si
    je veux voudrais souhaite parler avec s vous te plait besoin d de puis peux bonjour merci
    maintenant aide passer j ai svp oui
    eu quero queria gostaria preciso falar com posso agora ola oi obrigado obrigada ajuda sim
    voglio vorrei parlare per favore ho bisogno di posso ora adesso ciao grazie aiuto mi passi
    ik wil graag met spreken praten alstublieft aub nu bedankt hulp nodig heb een ja
    اريد التحدث مع الي من فضلك لو سمحت الان مرحبا شكرا ممكن ان احتاج نعم
    मुझे मैं से बात करनी करना है चाहिए चाहता चाहती हूं कृपया अभी एक को हैलो नमस्ते हां
";
