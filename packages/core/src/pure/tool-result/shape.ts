export type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with a value: the field, by its names and places with dots between, `""` for the value itself; and what it must be. */
export interface Misfit {
  readonly path: string;
  readonly wanted: string;
}

/** Gives the first thing that is wrong, `undefined` where nothing is. */
export type Check = (value: unknown) => Misfit | undefined;

/**
 * A check of each field of a type, all of them and no other, so that one that the SDK adds is a compile error here. A `type` that tells kinds
 * apart is looked at by `oneOfKinds`.
 */
export interface Shape<Type> {
  readonly required: Readonly<Record<Exclude<keyof Type, OptionalOf<Type> | "type">, Check>>;
  readonly optional: Readonly<Record<OptionalOf<Type>, Check>>;
}

type OptionalOf<Type> = {
  [Name in keyof Type]-?: Partial<Pick<Type, Name>> extends Pick<Type, Name> ? Name : never;
}[keyof Type];

/** An object with just the fields of a type. */
export function fields<Type>(shape: Shape<Type>): Check {
  return (value) => (isFields(value) ? misfitIn(value, shape) : misfit("an object"));
}

/** An object of one of the kinds that its `type` names, with just the fields of that kind. */
export function oneOfKinds<Type extends { readonly type: string }>(
  kinds: {
    readonly [Kind in Type["type"]]: Shape<Extract<Type, { readonly type: Kind }>>;
  },
): Check {
  const isKind = oneOf(...Object.keys(kinds));
  const wanted = `an object with a type: ${inWords(Object.keys(kinds))}`;
  return (value) => {
    if (!isFields(value)) return misfit(wanted);
    const { type, ...rest } = value;
    return within("type", isKind(type)) ?? misfitIn(rest, kinds[type as Type["type"]]);
  };
}

/** A list, and not by `every`, which walks through a billion holes to find that none of them is wrong. */
export function listOf(check: Check, { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {}): Check {
  return (value) => {
    if (!Array.isArray(value) || (value.length === 0 && !mayBeEmpty))
      return misfit(mayBeEmpty ? "a list" : "a list that is not empty");
    for (const [index, item] of value.entries()) {
      const wrong = within(String(index), check(item));
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

export function orNull(check: Check): Check {
  return (value) => {
    const wrong = value === null ? undefined : check(value);
    return wrong?.path === "" ? misfit(`${wrong.wanted}, or null`) : wrong;
  };
}

export function oneOf(...values: readonly string[]): Check {
  return that(inWords(values), (value) => values.includes(value as string));
}

/** A check of one's own, in words that go on from "must be". */
export function that(wanted: string, isRight: (value: unknown) => boolean): Check {
  return (value) => (isRight(value) ? undefined : misfit(wanted));
}

export const isText: Check = that("a text", (value) => typeof value === "string");
export const isWord: Check = that(
  "a text that is not empty",
  (value) => typeof value === "string" && value.trim() !== "",
);
export const isBoolean: Check = that("true or false", (value) => typeof value === "boolean");

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Only of its own: every object has a `constructor`, which would say yes to anything. */
function misfitIn(value: Fields, { required, optional }: Shape<unknown>): Misfit | undefined {
  const checks: Readonly<Record<string, Check>> = { ...optional, ...required };
  const present = Object.keys(value).filter((name) => value[name] !== undefined);
  for (const name of new Set([...Object.keys(required), ...present])) {
    const check = Object.hasOwn(checks, name) ? checks[name] : unknownField;
    const wrong = within(name, check?.(value[name]));
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

const unknownField: Check = () => misfit("left out: the API knows no such field");

function within(name: string, wrong: Misfit | undefined): Misfit | undefined {
  return wrong && { ...wrong, path: wrong.path === "" ? name : `${name}.${wrong.path}` };
}

function misfit(wanted: string): Misfit {
  return { path: "", wanted };
}

function inWords(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`);
  const last = quoted.at(-1);
  return quoted.length < 2 ? `${last}` : `${quoted.slice(0, -1).join(", ")} or ${last}`;
}
