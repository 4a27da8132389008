import type { Effects, Tool } from "@lockstitch/core";
import type { McpDefinition } from "./definition.js";
import { type EffectsOptions, effectsOf } from "./effects.js";
import { inputSchemaOf } from "./input-schema.js";
import { clashesOf, type GivenName, nameOf, quotedName } from "./names.js";
import { isObject } from "./object.js";

type McpTool = Tool<Record<string, unknown>>;

export interface ToolsOptions extends EffectsOptions {
  /** Milliseconds for one call, in all. Default 120,000. */
  readonly timeoutMs?: number;
}

/** Makes what a tool does when it is called, from what its server says of it, our name for it and how its effects are taken. */
type MakeRun = (definition: McpDefinition, name: string, effects: Effects) => McpTool["run"];

/** A server's tools as ours, and in words for a person what became of some on their way. */
export interface OurTools {
  readonly tools: readonly McpTool[];
  readonly notes: readonly string[];
}

/** Leaves out what the API would refuse: a note says why. */
export function toolsOf(
  server: string,
  options: ToolsOptions,
  definitions: readonly McpDefinition[],
  makeRun: MakeRun,
): OurTools {
  const clashes = clashesOf(
    server,
    definitions.map(({ name }) => name),
  );
  const notes: string[] = [];
  const tools = definitions.flatMap((definition) => {
    const schema = clashes.includes(definition.name)
      ? { problem: "Another of its tools would have the same name here." }
      : inputSchemaOf(definition);
    if ("problem" in schema) {
      notes.push(leftOutNote(server, definition.name, schema.problem));
      return [];
    }
    const given = nameOf(server, definition.name);
    const about = `${quotedName(definition.name)} of ${server}`;
    notes.push(...renamedNote(about, given), ...lessenedNote(about, schema.leftOut));
    const { effects, ...brings } = effectsOf(definition, options);
    const description = definition.description ?? definition.title;
    return Object.freeze({
      name: given.name,
      ...(description === undefined ? {} : { description }),
      inputSchema: schema.inputSchema,
      effects,
      ...brings,
      timeoutMs: options.timeoutMs ?? 120_000,
      parse: (input: unknown) => asObject(given.name, input),
      run: makeRun(definition, given.name, effects),
    });
  });
  return { tools: Object.freeze(tools), notes };
}

/** `problem`: a sentence. */
export function leftOutNote(server: string, tool: string, problem: string): string {
  return `${quotedName(tool)} of ${server} is left out. ${problem.slice(0, 500)}`;
}

function renamedNote(about: string, { name, isRenamed }: GivenName): readonly string[] {
  return isRenamed ? [`${about} is called ${name} here: names are short, legal and unlike all others.`] : [];
}

function lessenedNote(about: string, lost: readonly string[]): readonly string[] {
  if (lost.length === 0) return [];
  const [shown, more] = [lost.slice(0, 5), lost.length - 5];
  const list = `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`.slice(0, 500);
  return [
    `The schema of ${about} is shown without ${list}: the API refuses that, or nobody could follow it. The server checks the input.`,
  ];
}

/** Nothing more is checked here: the server knows its own schema best, and says what is wrong in words that the model reads. */
function asObject(name: string, input: unknown): Readonly<Record<string, unknown>> {
  if (isObject(input)) return input;
  throw new TypeError(`${name} takes an object.`);
}
