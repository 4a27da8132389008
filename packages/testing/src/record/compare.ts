import { isObject } from "./is-object.js";
import type { NormalRequest } from "./normal-form.js";
import { mark } from "./redact-mark.js";

/** The first place in which a request is not the recorded one; `undefined` stands for nothing at all. */
export interface Difference {
  readonly path: readonly (string | number)[];
  readonly expected: unknown;
  readonly got: unknown;
}

/** What makes a conversation another one comes first, so that it is told before what follows from it. */
const firstFields = ["model", "system", "tools", "messages"];

/** In order: model, system, tools, messages, then everything else. */
export function firstDifference(expected: NormalRequest, got: NormalRequest): Difference | undefined {
  for (const field of firstFields) {
    const found = partDifference(field, expected[field], got[field]);
    if (found !== undefined) return found;
  }
  const others = Object.keys({ ...expected, ...got }).filter((field) => !firstFields.includes(field));
  return firstFound(others, (field) => difference([field], expected[field], got[field]));
}

/** How much of a recorded request one follows: by this the recorded one is found that was most likely meant. */
export function likeness(expected: NormalRequest, got: NormalRequest): number {
  const { messages, ...rest } = expected;
  const { messages: gotMessages, ...gotRest } = got;
  const unlike = messages.findIndex(
    (message, index) => difference([], message, gotMessages[index]) !== undefined,
  );
  const shared = unlike < 0 ? messages.length : unlike;
  return 2 * shared + (difference([], rest, gotRest) === undefined ? 1 : 0);
}

/** The first difference of one field of two requests. Where tools came or went, comparing them one by one would tell of every tool that moved up. */
export function partDifference(field: string, expected: unknown, got: unknown): Difference | undefined {
  if (field === "tools") {
    const [names, gotNames] = [namesOf(expected), namesOf(got)];
    if (names.join() !== gotNames.join()) return { path: ["tools"], expected: names, got: gotNames };
  }
  return difference([field], expected, got);
}

function namesOf(tools: unknown): readonly string[] {
  return Array.isArray(tools) ? tools.map((tool) => String(tool?.name ?? tool?.type)) : [];
}

/** The first difference of two JSON values. */
export function difference(
  path: Difference["path"],
  expected: unknown,
  got: unknown,
): Difference | undefined {
  if (isSame(expected, got)) return undefined;
  if (Array.isArray(expected) && Array.isArray(got)) {
    const indexes = Array.from({ length: Math.max(expected.length, got.length) }, (_, index) => index);
    return firstFound(indexes, (index) => difference([...path, index], expected[index], got[index]));
  }
  if (isObject(expected) && isObject(got)) {
    const names = Object.keys({ ...expected, ...got }).sort(kindFirst);
    return firstFound(names, (name) => difference([...path, name], expected[name], got[name]));
  }
  return { path, expected, got };
}

function kindFirst(a: string, b: string): number {
  return Number(isKind(b)) - Number(isKind(a));
}

/** Where these differ nothing else need be compared. */
function isKind(name: string): boolean {
  return name === "role" || name === "type" || name === "name";
}

function isSame(expected: unknown, got: unknown): boolean {
  if (Object.is(expected, got)) return true;
  if (typeof expected !== "string" || !expected.includes(mark)) return false;
  // A number of a tool's input may have been the secret.
  return (typeof got === "string" || typeof got === "number") && couldBe(expected, String(got));
}

/** What stood where a secret was taken out is not known, and may well be another secret today: everything around it must fit. */
function couldBe(expected: string, got: string): boolean {
  const parts = expected.split(mark);
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (!got.startsWith(first) || !got.endsWith(last)) return false;
  const end = got.length - last.length;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = got.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
}

function firstFound<Item>(
  items: readonly Item[],
  find: (item: Item) => Difference | undefined,
): Difference | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
