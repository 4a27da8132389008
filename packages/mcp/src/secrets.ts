import type { McpServer } from "./server.js";

/** What must not be repeated in an error: a server may echo what it was sent. The shortest are left out, for they would tear words apart. */
function secretsOf(server: McpServer): readonly string[] {
  const values =
    "url" in server
      ? [...Object.values(server.headers ?? {}).flatMap(withParts), ...valuesIn(new URL(server.url))]
      : Object.values(server.env ?? {});
  const quoted = values.map((value) => JSON.stringify(value).slice(1, -1));
  return [...new Set([...values, ...quoted])]
    .filter(({ length }) => length >= 8)
    .sort((a, b) => b.length - a.length);
}

/** A scheme stands before a token, and a name before a cookie. */
function withParts(header: string): readonly string[] {
  return [header, ...header.split(/[\s;,=]+/)];
}

/** As they stand in the address, and as they are meant: a `+` may be one, or a space. */
function valuesIn({ search, searchParams }: URL): readonly string[] {
  const asWritten = search
    .slice(1)
    .split("&")
    .map((pair) => pair.slice(pair.indexOf("=") + 1));
  return [...asWritten, ...searchParams.values()];
}

export function withoutSecrets(server: McpServer, text: string): string {
  return secretsOf(server).reduce(
    (clean, secret) => clean.replaceAll(inAnySpelling(secret), "[secret]"),
    text,
  );
}

/** Each of its characters may be escaped or not, as in an address: which of them are is up to whoever writes it. */
function inAnySpelling(secret: string): RegExp {
  return new RegExp([...secret].map(spellingsOf).join(""), "gu");
}

function spellingsOf(character: string): string {
  const plain = `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  const bytes = [...new TextEncoder().encode(character)].map((byte) => byte.toString(16).padStart(2, "0"));
  const escaped = bytes.map(
    (byte) => `%${byte.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)}`,
  );
  return `(?:${plain}|${escaped.join("")}${character === " " ? "|\\+" : ""})`;
}
