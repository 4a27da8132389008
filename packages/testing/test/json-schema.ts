/** A small JSON-schema validator of its own, to hold the demo mind's inputs against: gives what is wrong, and where. */
export function violations(value: unknown, schema: unknown, root: unknown = schema, path = "$"): string[] {
  if (schema === true || schema === undefined) return [];
  if (schema === false) return [`${path}: nothing is allowed here`];
  const rules = schema as Record<string, unknown>;
  return Object.entries(rules).flatMap(([keyword, rule]) => {
    const check = keywords[keyword];
    return check ? check({ value, rule, rules, root, path }) : [];
  });
}

interface Case {
  readonly value: unknown;
  readonly rule: unknown;
  readonly rules: Record<string, unknown>;
  readonly root: unknown;
  readonly path: string;
}

type Check = (one: Case) => string[];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const when =
  <Value>(applies: (value: unknown) => value is Value, fine: (value: Value, rule: never) => boolean): Check =>
  ({ value, rule, path }) =>
    applies(value) && !fine(value, rule as never)
      ? [`${path}: ${JSON.stringify(value)} against ${JSON.stringify(rule)}`]
      : [];

const number = (value: unknown): value is number => typeof value === "number";
const string = (value: unknown): value is string => typeof value === "string";
const list = (value: unknown): value is unknown[] => Array.isArray(value);
const any = (_value: unknown): _value is unknown => true;
const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

const types: Record<string, (value: unknown) => boolean> = {
  string,
  number,
  integer: (value) => number(value) && Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  array: list,
  object: isObject,
};

const formats: Record<string, (text: string) => boolean> = {
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
  "date-time": (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text),
  email: (text) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text),
  uri: (text) => /^[a-z][a-z0-9+.-]*:\S+$/i.test(text),
};

const keywords: Record<string, Check> = {
  type: when(any, (value, rule: string | string[]) => [rule].flat().some((name) => types[name]?.(value))),
  const: when(any, (value, rule: unknown) => same(value, rule)),
  enum: when(any, (value, rule: unknown[]) => rule.some((choice) => same(value, choice))),
  minimum: when(number, (value, rule: number) => value >= rule),
  maximum: when(number, (value, rule: number) => value <= rule),
  exclusiveMinimum: when(number, (value, rule: number) => value > rule),
  exclusiveMaximum: when(number, (value, rule: number) => value < rule),
  multipleOf: when(number, (value, rule: number) => Math.abs(value / rule - Math.round(value / rule)) < 1e-6),
  minLength: when(string, (value, rule: number) => [...value].length >= rule),
  maxLength: when(string, (value, rule: number) => [...value].length <= rule),
  pattern: when(string, (value, rule: string) => new RegExp(rule, "u").test(value)),
  format: when(string, (value, rule: string) => formats[rule]?.(value) ?? true),
  minItems: when(list, (value, rule: number) => value.length >= rule),
  maxItems: when(list, (value, rule: number) => value.length <= rule),
  uniqueItems: when(
    list,
    (value, rule: boolean) =>
      !rule || new Set(value.map((item) => JSON.stringify(item))).size === value.length,
  ),
  maxProperties: when(isObject, (value, rule: number) => Object.keys(value).length <= rule),
  required: when(isObject, (value, rule: string[]) => rule.every((name) => Object.hasOwn(value, name))),
  items: ({ value, rule, rules, root, path }) =>
    list(value)
      ? value.flatMap((item, index) => {
          const prefix = (rules.prefixItems ?? []) as unknown[];
          return index < prefix.length ? [] : violations(item, rule, root, `${path}[${index}]`);
        })
      : [],
  prefixItems: ({ value, rule, root, path }) =>
    list(value)
      ? (rule as unknown[])
          .slice(0, value.length)
          .flatMap((inner, index) => violations(value[index], inner, root, `${path}[${index}]`))
      : [],
  properties: ({ value, rule, root, path }) =>
    isObject(value)
      ? Object.entries(rule as Record<string, unknown>).flatMap(([name, inner]) =>
          Object.hasOwn(value, name) ? violations(value[name], inner, root, `${path}.${name}`) : [],
        )
      : [],
  additionalProperties: ({ value, rule, rules, root, path }) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, inner]) =>
          Object.hasOwn((rules.properties ?? {}) as object, name)
            ? []
            : violations(inner, rule, root, `${path}.${name}`),
        )
      : [],
  allOf: ({ value, rule, root, path }) =>
    (rule as unknown[]).flatMap((inner) => violations(value, inner, root, path)),
  anyOf: ({ value, rule, root, path }) =>
    (rule as unknown[]).some((inner) => violations(value, inner, root, path).length === 0)
      ? []
      : [`${path}: fits no variant`],
  oneOf: ({ value, rule, root, path }) =>
    (rule as unknown[]).filter((inner) => violations(value, inner, root, path).length === 0).length === 1
      ? []
      : [`${path}: must fit exactly one variant`],
  not: ({ value, rule, root, path }) =>
    violations(value, rule, root, path).length === 0 ? [`${path}: fits what it must not`] : [],
  $ref: ({ value, rule, root, path }) => {
    const steps = String(rule).replace(/^#\/?/, "").split("/").filter(Boolean);
    const target = steps.reduce<unknown>((place, step) => (place as Record<string, unknown>)?.[step], root);
    return violations(value, target, root, path);
  },
};
