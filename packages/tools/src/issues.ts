import { expectations, type Report, sayExpected, wordsFor } from "./issue-words.js";
import { isObject } from "./json-schema.js";
import { pathText } from "./path.js";

/** One thing that is wrong with an input, in words for the model. */
export interface InputIssue {
  /** E.g. `trip.stops[2].city`; empty for the whole. */
  readonly path: string;
  /** E.g. `expected string, received number`. */
  readonly message: string;
}

/** A report with its whole path: zod 4 gives the paths within a union from the union on, zod 3 from the root. */
interface Placed {
  readonly path: readonly PropertyKey[];
  readonly report: Report;
}

/** What a schema reported about `input`, path by path, in words. */
export function toIssues(reports: readonly object[], input: unknown): InputIssue[] {
  return reports.flatMap((report) => place(report as Report, [])).flatMap((placed) => inWords(placed, input));
}

function place(report: Report, base: readonly PropertyKey[]): Placed[] {
  const own = (report.path ?? []).map((segment) => (typeof segment === "object" ? segment.key : segment));
  const path = [...base, ...own];
  if (report.code !== "unrecognized_keys") return [{ path, report }];
  return (report.keys ?? []).map((key) => ({ path: [...path, key], report }));
}

function inWords({ path, report }: Placed, input: unknown): InputIssue[] {
  const options = closest(optionsOf(report, path), path.length);
  const [first] = options;
  if (first === undefined) {
    const value = report.code === "invalid_key" ? path.at(-1) : valueAt(input, path);
    return [{ path: pathText(path), message: wordsFor(report, value) }];
  }
  if (options.length === 1) return first.flatMap((placed) => inWords(placed, input));
  return [{ path: pathText(path), message: fitsNone(options, path, input) }];
}

/** What each option of a union had to say. */
function optionsOf(report: Report, path: readonly PropertyKey[]): Placed[][] {
  if (report.code !== "invalid_union") return [];
  const fromUnion = (report.errors ?? []).map((reports) => reports.flatMap((inner) => place(inner, path)));
  const fromRoot = (report.unionErrors ?? []).map(({ issues }) =>
    issues.flatMap((inner) => place(inner, [])),
  );
  return [...fromUnion, ...fromRoot];
}

/** The options that the value came nearest to: of the right type at least, at best of the kind that their literals name. */
function closest(options: readonly Placed[][], depth: number): Placed[][] {
  const distance = (option: readonly Placed[]): number => {
    if (option.some(({ path }) => path.length === depth)) return 2;
    return option.some(({ report: { code } }) => code === "invalid_value" || code === "invalid_literal")
      ? 1
      : 0;
  };
  const nearest = Math.min(...options.map(distance));
  return options.filter((option) => distance(option) === nearest);
}

function fitsNone(options: readonly Placed[][], path: readonly PropertyKey[], input: unknown): string {
  const expected = options.map(([one, more]) =>
    one !== undefined && more === undefined && one.path.length === path.length
      ? expectations(one.report)
      : undefined,
  );
  if (expected.every((one) => one !== undefined)) return sayExpected(expected.flat(), valueAt(input, path));
  const inEach = options.map((option) =>
    listed(
      option.flatMap((placed) => inWords(placed, input)),
      path,
    ),
  );
  return `fits none of its ${options.length} forms: ${inEach.map((words) => `(${words})`).join(" or ")}`;
}

function listed(issues: readonly InputIssue[], path: readonly PropertyKey[]): string {
  const here = pathText(path);
  return issues
    .map((issue) => (issue.path === here ? issue.message : `${issue.path}: ${issue.message}`))
    .join(", ");
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, segment) => {
    const holds = (isObject(value) || Array.isArray(value)) && Object.hasOwn(value, segment);
    return holds ? (value as Readonly<Record<PropertyKey, unknown>>)[segment] : undefined;
  }, input);
}
