/** A JSON schema as a tool or an output format gives it; nothing in it is trusted. */
export type Schema = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
