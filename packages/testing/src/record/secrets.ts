import { secretsIn } from "./environment-secrets.js";
import { mark } from "./redact-mark.js";
import { withoutSecretForms } from "./secret-forms.js";
import { withoutKnownSecrets } from "./secret-spellings.js";

/** A text without its secrets. Of one that broke off, the beginning of a secret at its end is taken out too. */
export type SecretRemover = (text: string, place?: { readonly isCutOff: boolean }) => string;

/** Knows the secrets of an environment, those that are named here, and those that have a known form. */
export function createSecretRemover(
  named: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): SecretRemover {
  const withoutKnown = withoutKnownSecrets([...secretsIn(environment), ...named], mark);
  return (text, { isCutOff } = { isCutOff: false }) => withoutSecretForms(withoutKnown(text, isCutOff));
}
