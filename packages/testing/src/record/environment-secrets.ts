/** Shorter ones are settings such as `true` or `none`: taken out wherever they stand, they would leave nothing to read. */
export const shortestSecret = 8;

/**
 * What is secret in an environment: the values of variables whose names say so, and the passwords of all URLs. Values of fewer than
 * 8 characters and plain words are not.
 */
export function secretsIn(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment)
    .flatMap(([name, value = ""]) => [
      // A file that it was read from may have ended with a line break, which whoever sends it takes away.
      ...(isSecretName(name) ? [value, value.trim()] : []),
      ...passwordsOf(value.trim()),
    ])
    .filter((secret) => secret.length >= shortestSecret && !plainWords.has(secret.toLowerCase()));
}

/** Words of a name, for most of which something may stand before: `PGPASSWORD`, `apiKey`. Not in `PATH` or `KEYBOARD`. */
const secretWord =
  /(?:(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL)S?|(?<!ASK|BY|COM)PASS|(?<![A-Z0-9])PAT|DATABASE_URL|DSN)\d*(?![A-Z0-9])/i;

function isSecretName(name: string): boolean {
  return secretWord.test(name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2"));
}

/** As it stands in the URL, and as it is meant. */
function passwordsOf(value: string): readonly string[] {
  const written = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#:@]*:([^\s/?#]+)@/i.exec(value)?.[1];
  if (written === undefined) return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written];
  }
}

/** Placeholders and settings, and words that every conversation has. */
const plainWords = new Set(
  [
    "anonymous assistant changeme continue database default development disabled document enabled end_turn environment",
    "example function thinking localhost max_tokens messages metadata optional password placeholder postgres production",
    "required response staging tool_use tool_result undefined unlimited username",
  ]
    .join(" ")
    .split(" "),
);
