/** Whether a field of this name holds a credential: `authorization_token`, `apiKey`, `client-secret`. Not `max_tokens`, nor `key`. */
export function isCredentialName(name: string): boolean {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(/[^A-Za-z0-9]+/g, "_");
  return credentialName.test(words);
}

/**
 * At the end of a name: what comes before says whose it is. A number may come after it, or which kind of value it is. Of several tokens
 * only those that say what they are for: the others are counted.
 */
const credentialName =
  /(?:^|_)(?:auth|authorization|bearer|cookies?|credentials?|dsn|jwt|pass|passphrases?|passwds?|passwords?|pwd|secrets?|token|(?:access|api|auth|bearer|id|refresh|session)_?tokens|(?:access|account|api|auth|encryption|master|private|secret|signing|ssh|subscription)_?keys?|connection_string)(?:_?(?:\d+|value|header|string|pem|der|jwk|hex|base64|b64|plain|raw|text))?_?$/i;

/** The values of credentials in JSON that broke off, and which nobody can parse: texts, numbers and lists of them. */
export function withoutCredentials(brokenJson: string, mark: string): string {
  return forms.reduce(
    (left, form) =>
      left.replaceAll(form, (whole, before: string, name: string, value: string) =>
        isCredentialName(unescaped(name)) ? before + withoutValues(value, mark) : whole,
      ),
    brokenJson,
  );
}

const text = String.raw`"(?:[^"\\]|\\.)*(?:"|\\?$)`;
const number = String.raw`-?\d[\d.eE+-]*`;
const list = String.raw`\[(?:[^"[\]{}]|${text})*\]?`;
const name = String.raw`"((?:[^"\\]|\\.)*)"`;

/** `"password": "…"`; `"name": "authorization", "value": "…"`; `[["authorization", "…"]]`, for a list of words alone may be anything. */
const forms: readonly RegExp[] = [
  String.raw`${name}\s*:\s*`,
  String.raw`"(?:name|key|header|field)"\s*:\s*${name}\s*,\s*"value"\s*:\s*`,
  String.raw`(?<=[[,]\s*)\[\s*${name}\s*,\s*`,
].map((before) => new RegExp(`(${before})(${text}|${number}|${list})`, "gs"));

function withoutValues(written: string, mark: string): string {
  return written.replaceAll(new RegExp(`${text}|${number}`, "gs"), (one) => {
    if (!one.startsWith('"')) return `"${mark}"`;
    const isWhole = one.length > 1 && one.endsWith('"');
    return one.length > (isWhole ? 2 : 1) ? `"${mark}${isWhole ? '"' : ""}` : one;
  });
}

/** A name may be written with escapes, as a whole input is read without them. */
function unescaped(written: string): string {
  try {
    return String(JSON.parse(`"${written}"`));
  } catch {
    return written;
  }
}
