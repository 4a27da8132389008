import { mark } from "./redact-mark.js";

/**
 * Secrets that are known by their form, wherever they stand. Each form asks for enough of one that no sentence has it. None begins in
 * the middle of a run of base64: a picture would be broken by chance.
 */
export function withoutSecretForms(text: string): string {
  const rest = forms.reduce((left, [form, by]) => left.replace(form, by), text);
  return rest.replace(basic, (whole, scheme: string, packed: string) =>
    isNameAndPassword(packed) ? `${scheme}${mark}` : whole,
  );
}

const after = "(?<![A-Za-z0-9+/_-])";

const keys: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:(?:(?!-----)[\s\S])*-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|(?:\\[nr]|\s|[A-Za-z0-9+/=]{16,})*)/g,
  /sk-ant-[\w-]+/g,
  /(?<![A-Za-z0-9])sk-(?=[\w-]{0,80}\d)[\w-]{20,}/g,
  new RegExp(`${after}(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\\w{20,})`, "g"),
  new RegExp(`${after}(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])`, "g"),
  new RegExp(`${after}xox[a-z]-[\\w-]{10,}`, "g"),
  new RegExp(`${after}AIza[\\w-]{30,}`, "g"),
  /(?<!\w)eyJ[\w-]{5,2000}\.[\w-]{4,}\.[\w-]*/g,
];

const forms: readonly (readonly [RegExp, string])[] = [
  // A token has a digit or is long: the words of a sentence about bearer tokens have not, and are not.
  [/\b(Bearer\s+)(?:(?=[\w.~+/-]*\d)[\w.~+/-]{8,}|[\w.~+/-]{20,})=*/gi, `$1${mark}`],
  ...keys.map((form) => [form, mark] as const),
  // In a header line or in JSON, which may be text in JSON itself.
  [
    /\b((?:x-api-key|api-key|x-goog-api-key|x-auth-token|x-amz-security-token|cf-access-client-secret)[\\"']{0,6}\s*[:=]\s*[\\"']{0,6})[^\s\\"',;]{8,}/gi,
    `$1${mark}`,
  ],
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#:@\\"'<>]{0,200}:)[^\s/?#@\\"'<>]{1,400}(?=@)/gi, `$1${mark}`],
];

const basic = /\b(Basic\s+)([A-Za-z0-9+/]{4,}={0,2})/gi;

/** What follows the word in a sentence is not a name, a colon and a password in base64. */
function isNameAndPassword(packed: string): boolean {
  return /^[^\p{Cc}\ufffd]*:[^\p{Cc}\ufffd]*$/u.test(Buffer.from(packed, "base64").toString("utf8"));
}
