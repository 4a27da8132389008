export type Fields = Readonly<Record<string, unknown>>;
export type Check = (value: unknown) => boolean;

/** What each field of a value must be; a field that is not named may not be there. */
export interface Shape {
  readonly required: Readonly<Record<string, Check>>;
  readonly optional?: Readonly<Record<string, Check>>;
}

/** Whether a value has just the fields of a shape; its `type` was looked at before. */
export function fits(value: Fields, { required, optional = {} }: Shape): boolean {
  const present = Object.entries(value).filter(([, field]) => field !== undefined);
  return (
    Object.entries(required).every(([name, check]) => check(value[name])) &&
    present.every(
      ([name, field]) =>
        name === "type" || Object.hasOwn(required, name) || fitsOptional(optional, name, field),
    )
  );
}

/** Only of its own: every object has a `constructor`, which would say yes to anything. */
function fitsOptional(optional: Readonly<Record<string, Check>>, name: string, field: unknown): boolean {
  return Object.hasOwn(optional, name) && optional[name]?.(field) === true;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const isText: Check = (value) => typeof value === "string";

export const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string);

export const isCacheControl: Check = (value) =>
  value === null ||
  (isFields(value) &&
    value.type === "ephemeral" &&
    Object.keys(value).every((key) => key === "type" || key === "ttl"));
