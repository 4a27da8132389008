import { callKey } from "./call-key.js";
import type { Turn } from "./conversation.js";
import { fillInput } from "./fill.js";
import { type Part, partsOf } from "./parts.js";
import type { Question } from "./question.js";
import { corrections } from "./repair.js";
import { factsFor, type Subject, subjectsFor } from "./subjects.js";
import { supplies } from "./suppliers.js";
import { contextOf, type KnownTool } from "./tools.js";

export interface NextCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What is to be done about a question. */
export interface Plan {
  /** The tools that the question asks for. */
  readonly targets: readonly KnownTool[];
  /** The calls to make now, all at once; none when there is nothing left to find out. */
  readonly calls: readonly NextCall[];
  readonly gaps: readonly Gap[];
}

/** What a tool would have to be told and nobody knows. */
interface Gap {
  readonly tool: string;
  readonly parameters: readonly string[];
}

type Step = { readonly ok: true; readonly call: NextCall } | { readonly ok: false; readonly gap: Gap };

interface Known {
  readonly tools: readonly KnownTool[];
  readonly targets: readonly KnownTool[];
  readonly turn: Turn;
  /** The calls that were made already, as text. */
  readonly made: ReadonlySet<string>;
}

/** More rounds than a sensible chain has: whatever the results say, there is an end. */
const maxRounds = 8;
/** How far a chain may reach: an order's status needs its id, which needs the customer's, which needs the email. */
const maxDepth = 3;

/** Decides what to call next, from the question and from what earlier calls brought. Pure. */
export function planCalls(tools: readonly KnownTool[], question: Question, turn: Turn): Plan {
  const parts = partsOf(tools, question);
  const targets = [...new Set(parts.flatMap((part) => part.targets))];
  if (turn.rounds >= maxRounds) return { targets, calls: [], gaps: [] };
  const known: Known = { tools, targets, turn, made: new Set(turn.calls.map(callKey)) };
  const steps = parts.flatMap((part) => stepsFor(part, known));
  const wanted = steps.flatMap((step) => (step.ok ? [step.call] : []));
  const calls = [...wanted, ...corrections(tools, turn, known.made)].filter(
    (call) => !known.made.has(callKey(call)),
  );
  return {
    targets,
    calls: [...new Map(calls.map((call) => [callKey(call), call])).values()],
    gaps: steps.flatMap((step) => (step.ok ? [] : [step.gap])),
  };
}

function stepsFor({ question, targets }: Part, known: Known): Step[] {
  return targets.flatMap((target) =>
    subjectsFor(target, question).map((subject) => stepTo(target, subject, known, maxDepth)),
  );
}

/**
 * The call itself if everything for it is known, else a call to a tool that may know what is missing. Where no tool
 * can help, the gap is what the likeliest helper would have to be told.
 */
function stepTo(target: KnownTool, subject: Subject, known: Known, depth: number): Step {
  const facts = factsFor(target, subject, known.targets, known.turn);
  // "Mark it as done" is not to ask the list for what is done already: a helper is told the necessary only.
  const extent = known.targets.includes(target) ? "known" : "required";
  const filled = fillInput(target.schema, contextOf(target), { ...subject, facts }, extent);
  if (filled.ok) return { ok: true, call: { name: target.name, input: filled.input } };
  const nothing: Step = { ok: false, gap: { tool: target.name, parameters: filled.missing } };
  if (depth === 0) return nothing;
  const helpers = known.tools
    .map((tool) => ({ tool, points: supplies(tool, target, filled.missing) }))
    .filter(({ points }) => points > 0)
    .sort((left, right) => right.points - left.points);
  let first: Step | undefined;
  for (const { tool } of helpers) {
    const step = stepTo(tool, subject, known, depth - 1);
    if (step.ok && !known.made.has(callKey(step.call))) return step;
    if (!step.ok) first ??= step;
  }
  return first ?? nothing;
}
