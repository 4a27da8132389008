import { named } from "./path.js";

/** Types of zod that no JSON value can be. */
export type Unrepresentable =
  | "date"
  | "bigint"
  | "set"
  | "map"
  | "undefined"
  | "void"
  | "symbol"
  | "nan"
  | "function"
  | "file"
  | "custom"
  | "transform"
  | "success"
  | "default";

/** For each: what is said of such a property, and what to write instead. */
const problems: Readonly<Record<Unrepresentable, readonly [what: string, wayOut: string]>> = {
  date: [
    "is a date",
    "JSON has no dates. Take text, z.iso.datetime() (zod 3: z.string().datetime()), and .transform((text) => new Date(text)) if run wants a Date.",
  ],
  bigint: [
    "is a bigint",
    "JSON has no bigints. Take digits as text, z.string().regex(/^\\d+$/), and .transform(BigInt) if run wants a bigint.",
  ],
  set: [
    "is a set",
    "JSON has no sets. Take z.array(...), and .transform((items) => new Set(items)) if run wants a Set.",
  ],
  map: [
    "is a map",
    "JSON has no maps. Take z.record(z.string(), ...), and .transform((record) => new Map(Object.entries(record))) if run wants a Map.",
  ],
  undefined: [
    "is undefined",
    "JSON has no undefined. Make the property .optional(), or take null: .nullable().",
  ],
  void: ["is void", "JSON has no undefined. Make the property .optional(), or leave it out."],
  symbol: ["is a symbol", "JSON has no symbols. Take one of several words: z.enum([...])."],
  nan: ["is NaN", "JSON has no NaN. Take z.number(), and .nullable() where there may be none."],
  function: [
    "is a function",
    "JSON has no functions. Leave it out, or take a name by which to find the function: z.enum([...]).",
  ],
  file: ["is a file", "JSON has no files. Take a path, a URL or base64 as text: z.string()."],
  custom: [
    "is a custom type",
    "z.custom() and z.instanceof() check a value, but don't say which JSON they take. Write its shape, z.object({ ... }), or take z.unknown().refine(...).",
  ],
  transform: [
    "is a transform alone",
    "Nothing says what it takes. Put that first: z.string().transform(...).",
  ],
  success: ["is z.success()", "It doesn't say what it takes. Take z.boolean()."],
  default: ["has a default with no JSON form", "Give it a default that is JSON, or set the default in run."],
};

/** What a schema is for: how errors call it, and of what kind they are. */
export interface Subject {
  readonly name: string;
  /** What stands for a value of it as a whole, e.g. `the input`. */
  readonly whole: string;
  error(message: string, options?: ErrorOptions): Error;
}

/** The error for the property at `path` of an input or an answer, whose type no JSON value can be. */
export function unrepresentable({ name, whole, error }: Subject, path: string, kind: Unrepresentable): Error {
  const [what, wayOut] = problems[kind];
  return error(`${name} can't be described to the model: ${named(path, whole)} ${what}. ${wayOut}`);
}
