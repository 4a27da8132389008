/** Whether a field of this name holds a credential: `authorization_token`, `apiKey`, `client-secret`. Not `max_tokens`, nor `key`. */
export function isCredentialName(name: string): boolean {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(/[^A-Za-z0-9]+/g, "_");
  return credentialName.test(words);
}

/** At the end of a name: what comes before says whose it is. A number may come after it, or which kind of value it is. */
const credentialName =
  /(?:^|_)(?:auth|authorization|bearer|cookie|credentials?|dsn|jwt|pass|passphrase|passwd|password|pwd|secret|token|(?:access|account|api|auth|encryption|master|private|secret|signing|ssh|subscription)_?key|connection_string)(?:_?(?:\d+|value|header|string))?_?$/i;

/** The string values of credentials in JSON that broke off, and which nobody can parse. */
export function withoutCredentials(brokenJson: string, mark: string): string {
  return brokenJson.replaceAll(
    /("((?:[^"\\]|\\.)*)"\s*:\s*")((?:[^"\\]|\\.)+)/g,
    (whole, before: string, name: string) => (isCredentialName(name) ? before + mark : whole),
  );
}
