// Builds mail as mail programs write it: RFC 5322 and MIME, with the oddities that parsers trip over.

import { randomUUID } from "node:crypto";

/** Windows-1252 from 0x80: some versions of Node decode it as Latin-1. */
const C1 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";
const bytewise = (upper) => new Map(Array.from({ length: 256 }, (_, n) => [upper[n - 0x80] ?? String.fromCharCode(n), [n]]));
const tables = new Map([["iso-8859-1", bytewise("")], ["windows-1252", bytewise(C1)]]);

/** Which bytes a charset has for which characters, by asking the decoder, since Node has no encoder. */
function tableOf(charset) {
  if (tables.has(charset)) return tables.get(charset);
  const decoder = new TextDecoder(charset, { fatal: true });
  const table = new Map();
  const learn = (bytes) => {
    try {
      const text = decoder.decode(Uint8Array.from(bytes));
      if ([...text].length === 1 && !table.has(text)) table.set(text, bytes);
    } catch {
      // No character of this charset.
    }
  };
  for (let first = 0; first < 256; first += 1) learn([first]);
  if (/^(shift_jis|euc-|gb|big5)/i.test(charset)) {
    for (let first = 0x81; first < 256; first += 1) for (let second = 0x40; second < 256; second += 1) learn([first, second]);
  }
  tables.set(charset, table);
  return table;
}

/** A text in a charset. Utf-8, utf-16le, and whatever has one or two bytes a character. */
export function encoded(text, charset = "utf-8") {
  if (/^utf-?8$|^us-ascii$/i.test(charset)) return Buffer.from(text);
  if (/^utf-16le$/i.test(charset)) return Buffer.from(text, "utf16le");
  const table = tableOf(charset.toLowerCase());
  return Buffer.from([...text].flatMap((c) => {
    const bytes = table.get(c);
    if (!bytes) throw new Error(`${charset} has no ${c}`);
    return bytes;
  }));
}

const isAscii = (text) => /^[\x20-\x7e]*$/.test(text);
const base64Lines = (bytes) => bytes.toString("base64").replace(/.{76}(?=.)/g, "$&\r\n");

/** A header's text as encoded words (RFC 2047) where it needs them. */
export function word(text, charset = "utf-8") {
  if (isAscii(text)) return text;
  // No word has more than 75 characters, nor part of a character.
  const parts = [...text].reduce((all, c) => {
    const last = all.at(-1);
    if (last !== undefined && encoded(last + c, charset).length <= 36) all[all.length - 1] = last + c;
    else all.push(c);
    return all;
  }, []);
  return parts.map((part) => `=?${charset}?B?${encoded(part, charset).toString("base64")}?=`).join("\r\n ");
}

/** An address, `Name <a@b>` or bare, its name encoded. */
function address(given, charset) {
  const [, name, rest] = given.match(/^(.*?)\s*(<[^<>]*>)$/) ?? [];
  if (name === undefined || name === "") return rest ?? given;
  return `${isAscii(name) ? name : word(name.replace(/^"|"$/g, ""), charset)} ${rest}`;
}

function quotedPrintable(bytes) {
  const lines = bytes.toString("latin1").split("\r\n").map((line) => {
    const units = [...line].map((c, n) => {
      const isLast = n === line.length - 1;
      const isPlain = (c >= "!" && c <= "~" && c !== "=") || ((c === " " || c === "\t") && !isLast);
      return isPlain ? c : `=${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
    });
    let length = 0;
    return units.map((unit) => {
      const soft = length + unit.length > 75;
      length = soft ? unit.length : length + unit.length;
      return soft ? `=\r\n${unit}` : unit;
    }).join("");
  });
  return Buffer.from(lines.join("\r\n"), "latin1");
}

function body(bytes, encoding) {
  if (encoding === "base64") return Buffer.from(base64Lines(bytes));
  return encoding === "quoted-printable" ? quotedPrintable(bytes) : bytes;
}

/** A parameter of a header, by RFC 2231 where it is not ASCII. */
const parameter = (name, value) =>
  isAscii(value) ? `${name}="${value.replace(/(["\\])/g, "\\$1")}"`
    : `${name}*=utf-8''${encodeURIComponent(value).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`;

const crlf = (text) => text.replace(/\r?\n/g, "\r\n");

function leaf(text, type, { charset = "utf-8", encoding = "quoted-printable", disposition } = {}) {
  const headers = [["Content-Type", `${type}; charset=${charset}`], ["Content-Transfer-Encoding", encoding]];
  if (disposition) headers.push(["Content-Disposition", disposition]);
  return { headers, body: body(encoded(crlf(text), charset), encoding) };
}

function file({ filename, type = "application/octet-stream", bytes, cid, inline = cid !== undefined }) {
  const disposition = `${inline ? "inline" : "attachment"}${filename === undefined ? "" : `;\r\n ${parameter("filename", filename)}`}`;
  const headers = [["Content-Type", `${type}${filename === undefined ? "" : `;\r\n ${parameter("name", filename)}`}`], ["Content-Transfer-Encoding", "base64"], ["Content-Disposition", disposition]];
  if (cid !== undefined) headers.push(["Content-ID", `<${cid}>`]);
  return { headers, body: Buffer.from(base64Lines(Buffer.from(bytes))) };
}

const head = (headers) => headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");

function multipart(kind, parts) {
  const boundary = `=_${randomUUID()}`;
  const pieces = parts.flatMap(({ headers, body: content }) => [Buffer.from(`--${boundary}\r\n${head(headers)}\r\n`), content, Buffer.from("\r\n")]);
  return {
    headers: [["Content-Type", `multipart/${kind};\r\n boundary="${boundary}"`]],
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

const joined = (given) => [given ?? []].flat();

/** The headers of a machine's answer: [names that loop guards know]. */
const AUTO_REPLY = { "Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", Precedence: "auto_reply" };

/** A Message-ID in the form of the sender's domain. */
export const newMessageId = (from) => `<${randomUUID()}@${from.match(/@([^\s>]+)/)?.[1] ?? "mail.example"}>`;

/**
 * The headers of a mail, decoded, in order: [name, value]. A mail is { from, to, cc, replyTo, subject,
 * date, messageId, inReplyTo, references, autoReply, headers, dmarc }; `dmarc` is what the receiving server finds of its sender.
 */
export function headersOf(mail) {
  const extra = { ...(mail.autoReply && AUTO_REPLY), ...mail.headers };
  return [
    ["From", mail.from], ["To", joined(mail.to).join(", ")], ["Cc", joined(mail.cc).join(", ")],
    ["Reply-To", joined(mail.replyTo).join(", ")], ["Subject", mail.subject ?? ""],
    ["Date", mail.date ?? new Date().toUTCString().replace("GMT", "+0000")], ["Message-ID", mail.messageId],
    ["In-Reply-To", mail.inReplyTo], ["References", joined(mail.references).join(" ")], ["MIME-Version", "1.0"],
    ...Object.entries(extra),
  ].filter(([name, value]) => value !== undefined && (value !== "" || name === "Subject"));
}

/**
 * The raw bytes of a mail: what `headersOf` takes, and { text, html, charset, encoding, attachments:
 * [{ filename, type, bytes, cid, inline }] }. With `cid` a file stands beside the HTML that shows it.
 * `encoding` is "quoted-printable", "base64", "8bit" or "7bit".
 */
export function mime(mail) {
  const { text, html, charset, encoding, attachments = [] } = mail;
  const inline = attachments.filter(({ cid }) => cid !== undefined);
  const rest = attachments.filter(({ cid }) => cid === undefined);
  let shown = html === undefined ? undefined : leaf(html, "text/html", { charset, encoding });
  if (shown && inline.length > 0) shown = multipart("related", [shown, ...inline.map(file)]);
  const plain = text === undefined ? undefined : leaf(text, "text/plain", { charset, encoding });
  let content = plain && shown ? multipart("alternative", [plain, shown]) : plain ?? shown ?? leaf("", "text/plain");
  const others = shown ? rest : attachments;
  if (others.length > 0) content = multipart("mixed", [content, ...others.map(file)]);
  const headers = headersOf(mail).map(([name, value]) => {
    if (["From", "To", "Cc", "Reply-To"].includes(name)) return [name, value.split(/,\s*(?=[^"]*(?:"[^"]*"[^"]*)*$)/).map((one) => address(one, charset)).join(",\r\n ")];
    if (name === "References") return [name, value.split(/\s+/).join("\r\n ")];
    return [name, word(value, charset)];
  });
  return Buffer.concat([Buffer.from(`${head(headers)}${head(content.headers)}\r\n`), content.body]);
}

const FINDINGS = {
  pass: ["pass", "DKIM_SIGNED,DKIM_VALID,DKIM_VALID_AU,\tSPF_HELO_NONE,SPF_PASS"],
  none: ["none", "DKIM_SIGNED,DKIM_VALID,SPF_HELO_NONE,SPF_PASS"],
  fail: ["fail", "SPF_FAIL,SPF_HELO_NONE"],
};

/** The domain of a mail's `From`, and what is found of it: `dmarc` of the mail, "pass" unless told. */
function findings({ from, dmarc = "pass" }) {
  const domain = from.match(/@([^\s>]+)>?\s*$/)?.[1].toLowerCase() ?? "invalid.invalid";
  if (!FINDINGS[dmarc]) throw new Error(`no finding ${dmarc}`);
  return [domain, ...FINDINGS[dmarc]];
}

/** What the server of Amazon SES, by which Resend receives, writes above a mail. */
export function sesResults(mail) {
  const [domain, dmarc] = findings(mail);
  return `amazonses.com; spf=pass (spfCheck: domain of ${domain} designates 192.0.2.7 as permitted sender) client-ip=192.0.2.7; envelope-from=bounce@${domain}; helo=mx.${domain}; dkim=pass header.i=@${domain}; dmarc=${dmarc} header.from=${domain};`;
}

/** What Postmark writes above a mail: [name, value]. The `Received` of its arrival comes last. */
export function postmarkHeaders(mail) {
  const [domain, dmarc, tests] = findings(mail);
  const host = "p-pm-inboundg01a-aws-euwest1a";
  const at = mail.date ?? new Date().toUTCString().replace("GMT", "+0000 (UTC)");
  return [
    ["Return-Path", `<bounce@${domain}>`],
    ["Received", `by ${host}.inbound.postmarkapp.com (Postfix, from userid 996)\tid 68701453B34; ${at}`],
    ["X-Spam-Checker-Version", `SpamAssassin 3.4.0 (2014-02-07) on\t${host}`], ["X-Spam-Status", "No"], ["X-Spam-Score", "-0.1"], ["X-Spam-Tests", tests],
    ["Received-SPF", `${dmarc === "fail" ? "fail" : "pass"} (${domain}: checked) receiver=${host}; identity=mailfrom; envelope-from="bounce@${domain}"; helo=mx.${domain}; client-ip=192.0.2.7`],
    ["Received", `from mx.${domain} (mx.${domain} [192.0.2.7])\t(using TLSv1.3)\tby ${host}.inbound.postmarkapp.com (Postfix) with ESMTPS id 31C304; ${at}`],
  ];
}

/** The raw bytes of a mail as Cloudflare's Email Routing hands it over: its own headers above those of the mail. */
export function routed(mail) {
  const [domain, dmarc] = findings(mail);
  const lines = [
    `Received: from mx.${domain} (192.0.2.7)`, `        by cloudflare-email.net (cloudflare) id 7Fq2; ${new Date().toUTCString()}`,
    `Received-SPF: pass (mx.cloudflare.net: domain of bounce@${domain} designates 192.0.2.7 as permitted sender)`,
    "Authentication-Results: mx.cloudflare.net;", `\tdkim=pass header.d=${domain} header.s=s1 header.b=L6CZ3OJ0;`, `\tdmarc=${dmarc} header.from=${domain} policy.dmarc=none;`,
    `\tspf=none (mx.cloudflare.net: no SPF records found for postmaster@mx.${domain}) smtp.helo=mx.${domain};`, `\tspf=pass smtp.mailfrom=bounce@${domain};`, "\tarc=none smtp.remote-ip=\"192.0.2.7\"",
  ];
  return Buffer.concat([Buffer.from(lines.map((line) => `${line}\r\n`).join("")), mime(mail)]);
}
