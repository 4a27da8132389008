/** What the API knows of a request beside its body. */
export interface Surroundings {
  /** The `anthropic-version` header. */
  readonly version: string;
  /** The `anthropic-beta` header, split. */
  readonly betas: readonly string[];
}

export type Fields = Readonly<Record<string, unknown>>;

/** Looks at a whole request; gives the message of the first error it finds, worded as the API words it. */
export type Rule = (request: Fields, surroundings: Surroundings) => string | undefined;

/** A request body, a message, a block or a tool as it came: nothing about it is known yet. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first message that any of the checks gives. */
export function firstOf(checks: Iterable<string | undefined>): string | undefined {
  for (const message of checks) if (message !== undefined) return message;
  return undefined;
}
