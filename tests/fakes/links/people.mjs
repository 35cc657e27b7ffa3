// People, made from a seed: the same seed and number is the same person, in whatever list they stand.

const FIRST = "Aoife Niamh Saoirse Ciara Siobhán Gráinne Orla Sinéad Róisín Caoimhe Áine Deirdre Maeve Fionnuala Clodagh Eimear Bríd Mairéad Seán Cian Oisín Tadhg Conor Declan Pádraig Eoin Fergal Ronan Cormac Diarmuid Liam Brendan Colm Donal Fintan Kieran Ruairí Shane Agnieszka Katarzyna Magdalena Piotr Tomasz Wojciech Olga Svetlana Dmitri Priya Anjali Rajesh Vikram Mei Xiaoming Yuki Hiroshi Fatima Omar Youssef Layla Chidi Ngozi Adaeze Kwame Amara João Mariana Rafael Beatriz Camila Matteo Giulia Chiara Lars Ingrid Søren Freya Hans Greta Jürgen Margaret Patricia Barbara Susan Jennifer William Robert Michael Thomas George Henry Arthur Edith Beatrix Florence Harriet Imogen Jasper Lionel Mabel Nigel Olive Percy Quentin Rosalind Stanley Tabitha Ursula Vernon Winifred Xavier Yvonne Zachary".split(" ");
const LAST = "Murphy Kelly O'Sullivan Walsh Byrne Ryan O'Connor O'Neill O'Reilly Doyle McCarthy Gallagher Doherty Kennedy Lynch Murray Quinn Moore McLoughlin Carroll Connolly Daly Connell Wilson Dunne Brennan Burke Collins Clarke Johnston Farrell Nolan Healy Fitzgerald Flynn Power Sheehan Maguire Keane Cullen Hogan Keogh Foley Whelan Hennessy Mulcahy Ó'Briain NíDhomhnaill Kowalska Nowak Wiśniewski Lewandowska Ivanova Petrov Sharma Patel Gupta Nair Chen Wang Tanaka Suzuki Haddad Al-Rashid Okafor Adeyemi Mensah Diallo Silva Santos Oliveira Ferreira Rossi Bianchi Esposito Hansen Lindqvist Sørensen Müller Schneider Hoffmann Ashworth Blackwood Carmichael Davenport Ellsworth Fairweather Greenhalgh Hollingsworth Inglethorp Jessop Kingsley Lockhart Merriweather Northcott Oakenfold Pemberton Quigley Ravenscroft Satterthwaite Thistlewood Underhill Vandermeer Wetherby Yardley Zimmermann".split(" ");
const STREETS = ["Main Street", "Church Road", "Patrick Street", "Abbey View", "The Quay", "Bridge Street", "Station Road", "Castle Park", "Mill Lane", "Green Hill", "Harbour Court", "Chapel Lane", "Market Square", "Sea View Terrace"];
const TOWNS = [["Dublin", "D02"], ["Cork", "T12"], ["Galway", "H91"], ["Limerick", "V94"], ["Sligo", "F91"], ["Waterford", "X91"], ["Athlone", "N37"], ["Ennis", "V95"], ["Letterkenny", "F92"], ["Tralee", "V92"], ["Kilkenny", "R95"], ["Dundalk", "A91"], ["Wexford", "Y35"], ["Carlow", "R93"]];
const COMPANIES = ["Harbour Bakery", "Slieve Print", "Corrib Joinery", "Liffey Cycles", "Burren Seeds", "Shannon Boats", "Boyne Optics", "Lee Valley Dairy", "Ormond Books", "Claddagh Silver", "Wicklow Timber", "Foyle Textiles", "Barrow Brewing", "Achill Surf School", "Moy Fisheries", "Nore Pottery"];

/** Numbers from words: the same words give the same numbers. */
export function randomOf(...words) {
  let state = 2166136261;
  for (const code of words.join("/")) state = Math.imul(state ^ code.codePointAt(0), 16777619);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (most) => Math.floor(next() * most);
  return { below, pick: (list) => list[below(list.length)], digits: (count) => Array.from({ length: count }, () => below(10)).join("") };
}

const plain = (name) => name.normalize("NFD").replace(/[\u0300-\u036f'\s-]/g, "").replaceAll("ø", "o").replaceAll("ß", "ss").toLowerCase();

/** Irish mobiles mostly; Irish landlines; and numbers that Britain and America keep for stories. */
function phoneOf(random) {
  const kind = random.below(10);
  if (kind < 6) return { country: "353", national: random.pick(["83", "85", "86", "87", "89"]) + random.digits(7), groups: [2, 3, 4] };
  if (kind < 8) return { country: "353", national: "1" + (2 + random.below(7)) + random.digits(6), groups: [1, 3, 4] };
  if (kind < 9) return { country: "44", national: "7700900" + random.digits(3), groups: [4, 6] };
  return { country: "1", national: `${random.pick(["415", "212", "617", "312"])}55501${random.digits(2)}`, groups: [3, 3, 4] };
}

const PHONES = {
  e164: ({ country, national }) => `+${country}${national}`,
  spaced: (phone) => `+${phone.country} ${grouped(phone).join(" ")}`,
  zeros: (phone) => `00${phone.country} ${grouped(phone).join(" ")}`,
  national: ({ country, national, groups }) => (country === "1" ? "" : "0") + grouped({ national, groups }).join(" "),
  dashed: ({ country, national, groups }) => (country === "1" ? "" : "0") + grouped({ national, groups }).join("-"),
  bracketed: ({ country, national, groups }) => {
    const [area, ...rest] = grouped({ national, groups });
    return `(${country === "1" ? "" : "0"}${area}) ${rest.join(" ")}`;
  },
  bare: ({ country, national }) => (country === "1" ? "" : "0") + national,
};
export const PHONE_FORMS = Object.keys(PHONES);

function grouped({ national, groups }) {
  let at = 0;
  return groups.map((size) => national.slice(at, (at += size)));
}

/** A phone number in one of PHONE_FORMS. */
export const phoneAs = (phone, form) => PHONES[form](phone);

/** The person of a number. Emails are unique, names need not be. */
export function personOf(seed, number) {
  const random = randomOf("person", seed, number);
  const first = random.pick(FIRST);
  const last = random.pick(LAST);
  const [town, routing] = random.pick(TOWNS);
  const company = random.pick(COMPANIES);
  const form = random.below(3);
  const local = [`${plain(first)}.${plain(last)}`, `${plain(first)[0]}${plain(last)}`, `${plain(last)}.${plain(first)}`][form];
  return {
    number, first, last, name: `${first} ${last}`, company, town,
    email: `${local}${number}@${random.pick(["example.com", "example.ie", "mail.example.org", "example.net"])}`,
    phone: phoneOf(random),
    street: `${1 + random.below(120)} ${random.pick(STREETS)}`,
    eircode: `${routing} ${random.pick([..."ACDEFHKNPRTVWXY"])}${random.digits(2)}${random.pick([..."ACDEFHKNPRTVWXY"])}`,
  };
}
