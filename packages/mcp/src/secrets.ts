import type { McpServer } from "./server.js";

/** What must not be repeated in an error: a server may echo what it was sent. The shortest are left out, for they would tear words apart. */
function secretsOf(server: McpServer): readonly string[] {
  const values =
    "url" in server
      ? [
          ...Object.values(server.headers ?? {}).flatMap((value) => [value, ...value.split(" ")]),
          ...[...new URL(server.url).searchParams.values()].flatMap((value) => [
            value,
            encodeURIComponent(value),
          ]),
        ]
      : Object.values(server.env ?? {});
  return values.filter(({ length }) => length >= 8).sort((a, b) => b.length - a.length);
}

export function withoutSecrets(server: McpServer, text: string): string {
  return secretsOf(server).reduce((clean, secret) => clean.replaceAll(secret, "[secret]"), text);
}
