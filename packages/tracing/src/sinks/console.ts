import type { AgentEvent, Delta } from "@lockstitch/core";
import type { Sink } from "../tracer.js";
import { consoleLines } from "./console-lines.js";
import { renderLine } from "./console-render.js";
import { isProgressDue, remember, unwatched, type WatchedSession } from "./console-session.js";
import { oneLine } from "./terminal-text.js";

/** Where lines go: standard error, or anything else that takes text. */
interface ConsoleStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface ConsoleSinkOptions {
  /** Default: standard error, so that standard output stays the program's own. */
  readonly stream?: ConsoleStream;
  /** Default: only on a terminal, and as `FORCE_COLOR` and `NO_COLOR` say. */
  readonly colour?: boolean;
  /** False shows sizes instead of what people, models and tools said; error messages are left out too. Default true. */
  readonly content?: boolean;
  /** True shows everything in full, and attempts and permission checks too. Default: one line each, cut to the terminal's width. */
  readonly verbose?: boolean;
  /** False leaves out what steps and runs cost: where a simulator answers, nothing was spent. Default true. */
  readonly cost?: boolean;
  /** Milliseconds, to tell how long ago a tool last told of its progress: a line a second is shown of each call. Default: `performance.now`. */
  readonly now?: () => number;
}

/** The width where the stream has none to tell. */
const defaultColumns = 100;
/** Sessions that never end here, e.g. because they wait for a person, must not pile up in a long-lived process. */
const mostSessions = 1000;
/** Characters of a long session id that stand before its lines. */
const shortLabel = 6;

interface Watched {
  readonly label: string;
  readonly session: WatchedSession;
}

/**
 * Tells a person at a terminal what runs do, step by step, a line for each thing that happens.
 * Whatever tools and models said is made safe to print. Lines of several sessions at once begin with the session.
 */
export function consoleSink(options: ConsoleSinkOptions = {}): Sink {
  const { stream = process.stderr, content = true, verbose = false, cost = true } = options;
  const { now = () => performance.now() } = options;
  const colour = options.colour ?? wantsColour(stream.isTTY === true, process.env);
  const watched = new Map<string, Watched>();
  let severalAtOnce = false;

  function follow(event: AgentEvent | Delta, { label, session }: Watched, at: number): void {
    // A late delta, say of a tool that outlives its run, must not bring an ended session back.
    if ("seq" in event || watched.has(event.session)) {
      if (watched.size >= mostSessions && !watched.has(event.session)) forget(watched.keys().next().value);
      watched.set(event.session, { label, session: remember(session, event, at) });
    }
    severalAtOnce ||= watched.size > 1;
  }

  function forget(session: string | undefined): void {
    if (session !== undefined) watched.delete(session);
    if (watched.size === 0) severalAtOnce = false;
  }

  return (event) => {
    const before = watched.get(event.session) ?? {
      label: labelFor(event.session, watched),
      session: unwatched,
    };
    const at = now();
    if (event.type === "tool.delta" && !isProgressDue(before.session, event, at)) return;
    follow(event, before, at);
    const render = {
      colour,
      // A terminal that does not know its size says 0.
      columns: stream.columns || defaultColumns,
      whole: verbose,
      prefix: severalAtOnce ? before.label : "",
    };
    if (event.type === "run.end") forget(event.session);
    const lines = consoleLines(event, before.session, { content, verbose, cost });
    // One write an event, so that nothing else printed comes between its lines.
    if (lines.length > 0) stream.write(lines.map((line) => `${renderLine(line, render)}\n`).join(""));
  };
}

/** The session's id, or as much of its end as tells it from the others: ids made in the same moment may begin alike. */
function labelFor(session: string, others: ReadonlyMap<string, Watched>): string {
  if (session.length <= 2 * shortLabel) return oneLine(session);
  const taken = new Set([...others.values()].map(({ label }) => label));
  for (let length = shortLabel; length < session.length; length++) {
    const label = `…${oneLine(session.slice(-length))}`;
    if (!taken.has(label)) return label;
  }
  return oneLine(session);
}

/** `FORCE_COLOR` decides where it is set (`0` and `false` mean no), then `NO_COLOR` (https://no-color.org), then the terminal. */
export function wantsColour(
  isTerminal: boolean,
  variables: Readonly<Record<string, string | undefined>>,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = variables;
  if (force !== undefined) return force !== "0" && force !== "false";
  if (no !== undefined && no !== "") return false;
  return isTerminal && terminal !== "dumb";
}
