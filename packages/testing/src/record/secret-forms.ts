import { mark } from "./redact-mark.js";

/**
 * Secrets that are known by their form, wherever they stand. Each form asks for enough of one that no sentence has it. None begins in
 * the middle of a word, and none that a run of base64 could have begins within one: a picture would be broken by chance.
 */
export function withoutSecretForms(text: string): string {
  const rest = forms.reduce((left, [form, by]) => left.replace(form, by), text);
  return rest.replace(basic, (whole, scheme: string, packed: string) =>
    isNameAndPassword(packed) ? `${scheme}${mark}` : whole,
  );
}

const marker = (place: string) => `-----${place} [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----`;
/** As it stands in a file, in JSON, or in JSON in JSON. */
const lineBreak = String.raw`\\+[nr]`;
/** What a key that broke off may have: the lines that say how it is encrypted, and its own, of which the last may be short. */
const pemLine = String.raw`(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset): ?[^\r\n\\"]*|[A-Za-z0-9+/=]{16,}|[A-Za-z0-9+/=]+(?=${lineBreak}|[\r\n"'\\]|$)`;

const keys: readonly RegExp[] = [
  new RegExp(
    `${marker("BEGIN")}(?:(?:(?!-----)[\\s\\S])*${marker("END")}|(?:${lineBreak}|\\s|${pemLine})*)`,
    "g",
  ),
  /sk-ant-[\w-]+/g,
  /(?<![A-Za-z0-9])sk-(?=[\w-]{0,80}\d)[\w-]{20,}/g,
  /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/g,
  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  /(?<![A-Za-z0-9])(?:xox[a-z]|xapp-\d)-[\w-]{10,}/g,
  /(?<![A-Za-z0-9+/_-])AIza[\w-]{30,}/g,
  // Behind what base64 has as well, only one that is as long as these keys are.
  /(?<=[+/_-])AIza[\w-]{35}(?![\w+/-])/g,
  /(?<![A-Za-z0-9])eyJ[\w-]{5,2000}\.[\w-]{4,}\.[\w-]*/g,
];

/** Between a scheme and what follows it: in a header, in a URL, or in quotes, perhaps of JSON. */
const space = String.raw`(?:\s|%20)+[\\"']{0,6}`;
const word = "(?:\\b|(?<=%[0-9a-f]{2}))";
const headers = "x-api-key|api-key|x-goog-api-key|x-auth-token|x-amz-security-token|cf-access-client-secret";

const forms: readonly (readonly [RegExp, string])[] = [
  // A token has a digit or is long: the words of a sentence about bearer tokens have not, and are not.
  [
    new RegExp(`${word}(Bearer${space})(?:(?=[\\w.~+/-]*\\d)[\\w.~+/-]{8,}|[\\w.~+/-]{20,})=*`, "gi"),
    `$1${mark}`,
  ],
  ...keys.map((form) => [form, mark] as const),
  // In a header line or in JSON, which may be text in JSON itself, and in which headers may be pairs.
  [
    new RegExp(
      String.raw`\b((?:${headers})(?:[\\"']{0,6}\s*[:=]\s*[\\"']{0,6}|[\\"']{1,6}\s*,\s*[\\"']{1,6}))[^\s\\"',;]{8,}`,
      "gi",
    ),
    `$1${mark}`,
  ],
  // Up to the last @: whoever wrote the password may not have encoded its own.
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#:@\\"'<>]{0,200}:)[^\s/?#\\"'<>]{1,400}(?=@)/gi, `$1${mark}`],
];

const basic = new RegExp(`${word}(Basic${space})([A-Za-z0-9+/]{4,}={0,2})`, "gi");

/** What follows the word in a sentence is not a name, a colon and a password in base64. */
function isNameAndPassword(packed: string): boolean {
  const bytes = Buffer.from(packed, "base64");
  const isPair = (text: string) => /^[^\p{Cc}\ufffd]*:[^\p{Cc}\ufffd]*$/u.test(text);
  if (isPair(bytes.toString("utf8"))) return true;
  // In latin1 nearly anything is text, so it must not look like a word.
  return /\d|=|[a-z][A-Z]/.test(packed) && isPair(bytes.toString("latin1"));
}
