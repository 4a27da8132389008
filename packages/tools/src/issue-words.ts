import { bigintAsText } from "./json-schema.js";

/**
 * What a schema library says of one failure: the fields of zod 3 and zod 4 that are read here.
 * Any other library gives `message` and `path` alone, but for arktype, whose `problem` is its message without the path.
 */
export interface Report {
  readonly code?: string;
  readonly message?: string;
  readonly problem?: unknown;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
  readonly expected?: unknown;
  readonly values?: readonly unknown[];
  readonly options?: readonly unknown[];
  readonly keys?: readonly string[];
  /** What a bound is of; zod 3 says `type`. */
  readonly origin?: string;
  readonly type?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly inclusive?: boolean;
  readonly exact?: boolean;
  /** Zod 3 says `multipleOf`. */
  readonly divisor?: number | bigint;
  readonly multipleOf?: number | bigint;
  readonly format?: string;
  readonly pattern?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly includes?: string;
  /** What is wrong with the key of a record. */
  readonly issues?: readonly Report[];
  /** What is wrong with each option of a union; zod 3 says `unionErrors`. */
  readonly errors?: readonly (readonly Report[])[];
  readonly unionErrors?: readonly { readonly issues: readonly Report[] }[];
}

/** What is wrong with `value`, in words, without saying where. */
export function wordsFor(report: Report, value: unknown): string {
  if (report.code === "unrecognized_keys") return "unknown property";
  const written = textOf(report);
  if (written !== undefined) return withValue(written, value);
  const expected = expectations(report);
  if (expected !== undefined) return sayExpected(expected, value);
  switch (report.code) {
    case "too_small":
    case "too_big":
      return bound(report, value);
    case "not_multiple_of":
      return withValue(`must be a multiple of ${report.divisor ?? report.multipleOf}`, value);
    case "invalid_format":
      return withValue(formatWords(report), value);
    case "invalid_string":
      return withValue("has the wrong format", value);
    case "invalid_key":
      return `its name is refused: ${(report.issues ?? []).map((inner) => wordsFor(inner, value)).join(", ")}`;
    case "invalid_union":
      return withValue("fits none of its forms", value);
    default:
      return withValue("refused by the tool's own check", value);
  }
}

/**
 * Texts that zod writes by itself and that we say better: they differ between its versions, zod/mini has none,
 * and "Required" doesn't say what. A text that isn't listed is taken for the schema author's own, and kept.
 */
const textOfZod =
  /^(Required|Invalid|Invalid input)$|^(Invalid (input: expected|option: expected|discriminator value|enum value|literal value|number: must be a multiple|key in)|Expected .+, received|Too (big|small): expected|(String|Number|Array) must)/;

function textOf(report: Report): string | undefined {
  const message = typeof report.problem === "string" ? report.problem : report.message;
  if (message === undefined || textOfZod.test(message)) return undefined;
  return message.replace(/^Invalid (input|string): (?=must )/, "");
}

/** What would have been right: types, or values as JSON. Undefined where the failure is of another sort. */
export function expectations(report: Report): readonly string[] | undefined {
  if (textOf(report) !== undefined) return undefined;
  switch (report.code) {
    case "invalid_type":
      return [typeWords[String(report.expected)] ?? String(report.expected)];
    case "invalid_literal":
      return [inJson(report.expected)];
    case "invalid_value":
    case "invalid_enum_value":
    case "invalid_union_discriminator":
    case "invalid_union":
      return (report.values ?? report.options)?.map(inJson);
    default:
      return undefined;
  }
}

const typeWords: Readonly<Record<string, string>> = {
  int: "integer",
  record: "object",
  tuple: "array",
  nonoptional: "a value",
  never: "nothing",
};

const types: ReadonlySet<string> = new Set([
  "string",
  "number",
  "integer",
  "boolean",
  "null",
  "array",
  "object",
]);

/** E.g. `expected string, received number`, `expected "c" or "f", received "k"`, `missing (expected string)`. */
export function sayExpected(expected: readonly string[], value: unknown): string {
  const wanted = orList([...new Set(expected)]);
  if (value === undefined) return `missing (expected ${wanted})`;
  const type = typeName(value);
  const isOfType = expected.includes(type) || (type === "number" && expected.includes("integer"));
  // Between types the type tells most; where the type is right, or values were named, the value does.
  const saysType = expected.every((one) => types.has(one)) && !isOfType;
  return `expected ${wanted}, received ${saysType ? type : inJson(value)}`;
}

function orList(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length <= 1 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

function formatWords(report: Report): string {
  if (report.prefix !== undefined) return `must start with ${inJson(report.prefix)}`;
  if (report.suffix !== undefined) return `must end with ${inJson(report.suffix)}`;
  if (report.includes !== undefined) return `must contain ${inJson(report.includes)}`;
  if (report.format === "regex" || report.format === "template_literal")
    return `must match ${report.pattern}`;
  return `not a valid ${report.format}`;
}

function bound(report: Report, value: unknown): string {
  const isSmall = report.code === "too_small";
  const limit = isSmall ? report.minimum : report.maximum;
  const unit = units[report.origin ?? report.type ?? ""];
  if (unit === undefined) {
    return withValue(
      `must be ${isSmall ? ">" : "<"}${report.inclusive === false ? "" : "="} ${limit}`,
      value,
    );
  }
  const degree = report.exact ? "exactly" : isSmall ? "at least" : "at most";
  const size = typeof value === "string" || Array.isArray(value) ? ` (got ${value.length})` : "";
  return `must have ${degree} ${limit} ${limit === 1 ? unit : `${unit}s`}${size}`;
}

const units: Readonly<Record<string, string>> = { string: "character", array: "item" };

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Adds the value where it is short enough to be recognised by. */
function withValue(text: string, value: unknown): string {
  const isShort = value !== undefined && (typeof value !== "object" || value === null);
  return isShort ? `${text} (got ${inJson(value)})` : text;
}

const longest = 60;

function inJson(value: unknown): string {
  const json = JSON.stringify(value, bigintAsText) ?? String(value);
  return json.length <= longest ? json : `${json.slice(0, longest)}…`;
}
