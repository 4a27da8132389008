import type { Fault, Place } from "./fault.js";
import { parseStatusFault, statusFaultWords } from "./parse-status-fault.js";
import type { FaultRule, When } from "./rules.js";

/** One kind of fault as it is written: its name, and what may stand behind an `@`. */
interface Kind {
  readonly name: string;
  readonly means: string;
  /** `undefined` for an `@` or words behind it that it can't have. */
  make(at: string | undefined, words: readonly string[]): Fault | undefined;
}

const kinds: readonly Kind[] = [
  {
    name: "overloaded",
    means: `the same as 529; ${statusFaultWords}`,
    make: (at, words) => parseStatusFault(529, at, words),
  },
  kind("html", "200 and a page of HTML", plain({ type: "html" })),
  kind("empty", "200 and nothing", plain({ type: "empty" })),
  kind("reset", "connection reset, before the headers or @3 events or @40b bytes later", (at) =>
    placed(at, (after) => ({ type: "reset", ...after })),
  ),
  kind("stall", "silence, before the headers or @3 or @40b", (at) =>
    placed(at, (after) => ({ type: "stall", ...after })),
  ),
  kind("pings", "nothing but a ping each second, from the start or @3 or @40b", (at) =>
    placed(at, (after) => ({ type: "stall", pingEveryMs: 1_000, ...after })),
  ),
  kind("end", "a polite end without message_stop, or @3 or @40b", (at) =>
    placed(at, (after) => ({ type: "end", ...after })),
  ),
  kind("cut", "connection closed in the middle, or @3 or @40b", (at) =>
    placed(at, (after) => ({ type: "cut", ...after })),
  ),
  kind("trickle", "one byte at a time, or @16 bytes", (at) =>
    Number(at) === 0
      ? undefined
      : counted(at, (bytes) => ({ type: "trickle", ...(bytes === undefined ? {} : { bytes }) })),
  ),
  kind("error", "an overloaded_error in mid-stream, or @3", (at) =>
    counted(at, (events) => ({ type: "error", ...afterEvents(events) })),
  ),
  kind("malformed", "an event of broken JSON, or @3", (at) =>
    counted(at, (events) => ({ type: "malformed", ...afterEvents(events) })),
  ),
  kind(
    "delta-without-start",
    "a block that never starts",
    plain({ type: "protocol", breach: "delta-without-start" }),
  ),
  kind("double-start", "a block that starts twice", plain({ type: "protocol", breach: "double-start" })),
  kind("flip", "one bit wrong in the middle, or at byte @40", (at) =>
    counted(at, (byte) => ({
      type: "wrong-bytes",
      how: "flip",
      ...(byte === undefined ? {} : { at: byte }),
    })),
  ),
  kind("utf8", "a byte that is no UTF-8 in the middle, or at byte @40", (at) =>
    counted(at, (byte) => ({
      type: "wrong-bytes",
      how: "utf8",
      ...(byte === undefined ? {} : { at: byte }),
    })),
  ),
  kind("duplicate", "an event twice, or that @3", (at) =>
    counted(at, (events) => ({ type: "duplicate", ...afterEvents(events) })),
  ),
];

/**
 * Reads faults as they are written on a command line: `3:reset`, `10%:overloaded`, `every 5:stall@2`, with commas in between.
 * Before the colon stands the number of a request, every how many, or a chance; behind it a kind, and with `@` its place.
 * `session=alice` alone before the colon means every request of that session, and `session=alice 3` the third of them. A session with
 * a colon, comma, semicolon or space stands in quotes: `session="top:toolu_1":cut`.
 *
 * @throws SyntaxError for anything else, with a list of what there is.
 */
export function parseFaults(text: string): FaultRule[] {
  const rules = (text.match(/(?:"[^"]*"|[^,;\n])+/g) ?? [])
    .map((rule) => rule.trim())
    .filter((rule) => rule !== "");
  if (rules.length === 0 && text !== "") throw problem(text, "there is none in it");
  return rules.map(parseRule);
}

const quoting =
  'a session with a colon, comma, semicolon or space is written in quotes, e.g. session="top:toolu_1":cut';

function parseRule(rule: string): FaultRule {
  const colon = /^(?:"[^"]*"|[^":])*/.exec(rule)?.[0].length ?? 0;
  if (rule[colon] !== ":") {
    const advice = rule.startsWith("session") ? `; ${quoting}` : "";
    throw problem(rule, `it wants a colon between when and what, e.g. 3:reset${advice}`);
  }
  return {
    ...parseTarget(rule, rule.slice(0, colon).trim()),
    fault: parseFault(rule, rule.slice(colon + 1).trim()),
  };
}

function parseTarget(rule: string, text: string): Pick<FaultRule, "when" | "session"> {
  const [, quoted, bare, when = ""] = /^session\s*=\s*(?:"([^"]+)"|([^\s"]+))(?:\s+(.+))?$/.exec(text) ?? [];
  const session = quoted ?? bare;
  if (session === undefined) return { when: parseWhen(rule, text) };
  return { session, when: when === "" ? { every: 1 } : parseWhen(rule, when) };
}

function parseWhen(rule: string, text: string): When {
  const number = /^(every\s+)?(\d+)$/.exec(text);
  const count = Number(number?.[2]);
  if (number && count >= 1) return number[1] === undefined ? { request: count } : { every: count };
  const percent = Number(/^(\d+(?:\.\d+)?)\s*%$/.exec(text)?.[1]);
  if (percent > 0 && percent <= 100) return { probability: percent / 100 };
  throw problem(
    rule,
    `${JSON.stringify(text)} is no time: write 3 for the third request, every 5 for each fifth, 10% for a chance, or session=alice for those of one session${rule.startsWith("session") ? `; ${quoting}` : ""}`,
  );
}

function parseFault(rule: string, text: string): Fault {
  const [written = "", ...words] = text.replace(/\s*@\s*/, "@").split(/\s+/);
  const [name = "", ...places] = written.split("@");
  const place = places.length === 0 ? undefined : places.join("@");
  const known = /^[45]\d\d$/.test(name) ? statusKind(name) : kinds.find((each) => each.name === name);
  if (!known) {
    // A colon in its name has ended it too early.
    const advice = rule.startsWith("session") && text.includes(":") ? `; ${quoting}` : "";
    throw problem(rule, `there is no kind ${JSON.stringify(name)}${advice}`);
  }
  const fault = known.make(place, words);
  if (fault) return fault;
  const rest = [...(place === undefined ? [] : [place]), ...words].join(" ");
  throw problem(rule, `${name} does not take ${JSON.stringify(rest)}: ${known.means}`);
}

function statusKind(name: string): Kind {
  return {
    name,
    means: `an error in place of an answer, from 400 to 599; ${statusFaultWords}`,
    make: (at, words) => parseStatusFault(Number(name), at, words),
  };
}

function problem(rule: string, reason: string): SyntaxError {
  const list = [statusKind("<status>"), ...kinds]
    .map(({ name, means }) => `  ${name.padEnd(20)} ${means}`)
    .join("\n");
  return new SyntaxError(
    `Can't read the fault ${JSON.stringify(rule)}: ${reason}.\nKinds of faults:\n${list}`,
  );
}

/** A kind that takes no words. */
function kind(name: string, means: string, make: (at: string | undefined) => Fault | undefined): Kind {
  return { name, means, make: (at, words) => (words.length === 0 ? make(at) : undefined) };
}

function plain(fault: Fault): (at: string | undefined) => Fault | undefined {
  return (at) => (at === undefined ? fault : undefined);
}

/** With a place: `3` for events, `40b` for bytes, or none. */
function placed(
  at: string | undefined,
  make: (after: { readonly after?: Place }) => Fault,
): Fault | undefined {
  if (at === undefined) return make({});
  const place = /^(\d+)(b)?$/.exec(at);
  if (!place) return undefined;
  const count = Number(place[1]);
  return make({ after: place[2] ? { bytes: count } : { events: count } });
}

function counted(at: string | undefined, make: (count: number | undefined) => Fault): Fault | undefined {
  if (at === undefined) return make(undefined);
  return /^\d+$/.test(at) ? make(Number(at)) : undefined;
}

function afterEvents(events: number | undefined): { readonly afterEvents?: number } {
  return events === undefined ? {} : { afterEvents: events };
}
