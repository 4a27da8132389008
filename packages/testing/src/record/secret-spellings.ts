import { shortestSecret } from "./environment-secrets.js";

/**
 * Takes known secrets out of a text, however they are written: as they are, inside JSON or JSON in JSON, with escapes that nobody needs
 * too, percent-encoded, and, from 8 characters on, in hex, base64 and base64url.
 */
export function withoutKnownSecrets(
  secrets: readonly string[],
  mark: string,
): (text: string, isCutOff: boolean) => string {
  const known = [...new Set(secrets)].filter((secret) => secret !== "");
  // The longest first: a secret that begins another must not leave the other's end behind.
  const spellings = [...new Set(known.flatMap(spellingsOf))].sort((a, b) => b.length - a.length);
  const percent = once(() =>
    known.flatMap((secret) => [secret, ...packedSpellings(secret)]).map(percentEncoded),
  );
  const escapes = once(() => known.map(escapedInJson));
  return (text, isCutOff) => {
    const whole = spellings.reduce((left, spelling) => left.replaceAll(spelling, () => mark), text);
    const rest = isCutOff ? withoutBeginning(whole, spellings, mark) : whole;
    const patterns = [
      ...(rest.includes("%") ? percent() : []),
      ...(/\\u[0-9a-f]{4}/i.test(rest) ? escapes() : []),
    ];
    return patterns.reduce((left, pattern) => left.replace(pattern, () => mark), rest);
  };
}

/** Most texts need neither of these, and there may be a pattern for each character of a long key. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Fewer characters could be the beginning of anything. */
const tellingBeginning = 4;

/** A text without the beginning of a secret at its end, the longest of them; what closes a quotation or a sentence may follow. */
function withoutBeginning(text: string, spellings: readonly string[], mark: string): string {
  const ends = [text.length, closedAt(text)];
  for (const end of ends) {
    const said = text.slice(0, end);
    const longest = Math.max(0, ...spellings.map((spelling) => lengthOfBeginning(said, spelling)));
    if (longest > 0) return said.slice(0, end - longest) + mark + text.slice(end);
  }
  return text;
}

const closing: ReadonlySet<string> = new Set(" \t\r\n\"'`.…)]}");

/** Where the last word ends. */
function closedAt(text: string): number {
  let end = text.length;
  while (end > 0 && closing.has(text[end - 1] ?? "")) end -= 1;
  return end;
}

function lengthOfBeginning(text: string, secret: string): number {
  const head = secret.slice(0, tellingBeginning);
  const tail = text.slice(-secret.length);
  for (let at = tail.indexOf(head); at >= 0; at = tail.indexOf(head, at + 1))
    if (secret.startsWith(tail.slice(at))) return tail.length - at;
  return 0;
}

function spellingsOf(secret: string): readonly string[] {
  const json = inJson(secret);
  return [secret, json, inJson(json), inAsciiJson(secret), formEncoded(secret), ...packedSpellings(secret)];
}

/** Packed for a header, a URL or a file. Of a short secret these could be anything. */
function packedSpellings(secret: string): readonly string[] {
  if (secret.length < shortestSecret) return [];
  const bytes = Buffer.from(secret);
  const [hex, base64, base64url] = [
    bytes.toString("hex"),
    bytes.toString("base64"),
    bytes.toString("base64url"),
  ];
  const padding = base64.slice(base64.length - ((3 - (bytes.length % 3)) % 3));
  return [
    hex,
    hex.toUpperCase(),
    base64,
    base64.slice(0, base64.length - padding.length),
    base64url,
    base64url + padding,
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** As programs write it that keep JSON in ASCII. */
function inAsciiJson(secret: string): string {
  return inJson(secret).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function formEncoded(secret: string): string {
  return new URLSearchParams([["", secret]]).toString().slice(1);
}

/** Which characters are encoded is up to who does it, and so is whether it is done twice; a space may be a plus. */
function percentEncoded(secret: string): RegExp {
  const characters = Array.from(secret.toWellFormed(), (character) => {
    const bytes = Array.from(Buffer.from(character), (byte) => `%(?:25)*${eitherCase(byte)}`).join("");
    return `(?:${character === " " ? "\\+|" : ""}${escaped(character)}|${bytes})`;
  });
  return new RegExp(characters.join(""), "gu");
}

/** In JSON any character may be written as its number, and in JSON in JSON with more than one backslash. */
function escapedInJson(secret: string): RegExp {
  const characters = Array.from(secret.toWellFormed(), (character) => {
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
    const numbered = units.map((unit) => String.raw`\\+u${eitherCase(unit, 4)}`).join("");
    return `(?:${inAnyJson(character)}|${numbered})`;
  });
  return new RegExp(characters.join(""), "gu");
}

function inAnyJson(character: string): string {
  const short = inJson(character);
  if (short === character) return escaped(character);
  return character === "\\" ? String.raw`\\+` : String.raw`\\+${escaped(short.slice(1, 2))}`;
}

function eitherCase(number: number, length = 2): string {
  const digits = number.toString(16).padStart(length, "0");
  return digits.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
