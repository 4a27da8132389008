import type { Tool } from "@lockstitch/core";
import { callTool } from "./call-tool.js";
import type { ToolChange } from "./changes.js";
import { createConnection } from "./connection.js";
import type { Listed, McpDefinition } from "./definition.js";
import { type EffectsOptions, effectsOf } from "./effects.js";
import { McpError } from "./errors.js";
import { inputSchemaOf } from "./input-schema.js";
import { clashesOf, nameOf } from "./names.js";
import { createReview, type ReviewOptions } from "./review.js";
import { checkServer, type McpServer } from "./server.js";
import { call, isObject, type Kinds, milliseconds, truth, wrongSetting } from "./settings.js";

export interface McpToolsOptions extends ReviewOptions, EffectsOptions {
  /** Milliseconds for one call, in all. Default 120,000. */
  readonly timeoutMs?: number;
  /** Milliseconds for each step of connecting: the greeting, a list of tools. Default 60,000. */
  readonly connectTimeoutMs?: number;
}

/** A server's tools, and the connection that they share. */
export interface McpTools extends AsyncDisposable {
  /** As they were when `mcpTools()` looked: an agent's tools stay the same for a whole session. */
  readonly tools: readonly Tool<Record<string, unknown>>[];
  /** What was not accepted and what is gone, by now. A tool that is new since is not told of: it shows in the next `mcpTools()`. */
  readonly changes: readonly ToolChange[];
  /** What else became of a tool on its way: left out, renamed, its schema without something. In words for a person. */
  readonly notes: readonly string[];
  /** Ends the connection, and the server where it is a process of ours. Calls that are under way fail. */
  close(): Promise<void>;
}

/**
 * Connects to an MCP server and gives its tools as ours, named `<server>__<tool>`. A tool that the API would refuse is left out, and
 * `notes` says why. The connection is made again when it was lost, and keeps the process alive: close it.
 *
 * Rejects with `McpError` for settings that can't be meant, a server that can't be reached, and pins that can't be read.
 */
export async function mcpTools(server: McpServer, options: McpToolsOptions = {}): Promise<McpTools> {
  checkServer(server);
  checkOptions(server.name, options);
  const review = createReview(server.name, options);
  let listed: readonly Listed[] | undefined;
  const connection = createConnection(server, {
    // The longest that a timer takes, about 24 days: one that is set for longer rings at once.
    connectTimeoutMs: Math.min(options.connectTimeoutMs ?? 60_000, 2_147_483_647),
    onTools: async (tools) => {
      listed ??= tools;
      await review.look(tools.flatMap((tool) => ("definition" in tool ? [tool.definition] : [])));
    },
  });
  try {
    await connection.open();
  } catch (error) {
    await connection.close();
    throw error;
  }
  const { tools, notes } = toolsOf(server.name, options, review.definitions(), (definition, effects) =>
    callTool({ server, connection, review, definition, mayRepeat: effects !== "once" }),
  );
  return {
    tools,
    get changes() {
      return review.changes();
    },
    notes: Object.freeze([...unreadable(server.name, listed ?? []), ...notes]),
    close: connection.close,
    [Symbol.asyncDispose]: connection.close,
  };
}

function unreadable(server: string, listed: readonly Listed[]): readonly string[] {
  return listed.flatMap((tool) => ("problem" in tool ? [leftOut(server, tool.name, tool.problem)] : []));
}

type MakeRun = (definition: McpDefinition, effects: Tool["effects"]) => Tool<Record<string, unknown>>["run"];

function toolsOf(
  server: string,
  options: McpToolsOptions,
  definitions: readonly McpDefinition[],
  makeRun: MakeRun,
): Pick<McpTools, "tools" | "notes"> {
  const clashes = clashesOf(
    server,
    definitions.map(({ name }) => name),
  );
  const notes: string[] = [];
  const tools = definitions.flatMap((definition) => {
    const schema = clashes.includes(definition.name)
      ? { problem: "another of its tools would have the same name here" }
      : inputSchemaOf(definition);
    if ("problem" in schema) {
      notes.push(leftOut(server, definition.name, schema.problem));
      return [];
    }
    notes.push(...notesOf(server, definition.name, schema.leftOut));
    const name = nameOf(server, definition.name);
    const description = definition.description ?? definition.title;
    const effects = effectsOf(definition, options);
    return Object.freeze({
      name,
      ...(description === undefined ? {} : { description }),
      inputSchema: schema.inputSchema,
      ...effects,
      timeoutMs: options.timeoutMs ?? 120_000,
      parse: (input: unknown) => asObject(name, input),
      run: makeRun(definition, effects.effects),
    });
  });
  return { tools: Object.freeze(tools), notes };
}

function notesOf(server: string, tool: string, lost: readonly string[]): readonly string[] {
  const name = nameOf(server, tool);
  const [shown, more] = [lost.slice(0, 5), lost.length - 5];
  const list = `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`.slice(0, 500);
  return [
    ...(name === `${server}__${tool}`
      ? []
      : [
          `${quoted(tool)} of ${server} is called ${name} here: names are short, legal and unlike all others.`,
        ]),
    ...(lost.length === 0
      ? []
      : [
          `The schema of ${quoted(tool)} of ${server} is shown without ${list}: the API refuses that, or nobody could follow it. The server checks the input.`,
        ]),
  ];
}

function leftOut(server: string, tool: string, problem: string): string {
  return `${quoted(tool)} of ${server} is left out: ${problem.slice(0, 500)}.`;
}

/** What a server calls a tool may be of any length and hold anything. */
function quoted(tool: string): string {
  return JSON.stringify(tool.length <= 100 ? tool : `${tool.slice(0, 100)} …`);
}

/** Nothing more is checked here: the server knows its own schema best, and says what is wrong in words that the model reads. */
function asObject(name: string, input: unknown): Record<string, unknown> {
  if (typeof input === "object" && input !== null && !Array.isArray(input))
    return input as Record<string, unknown>;
  throw new TypeError(`${name} takes an object.`);
}

const isRead = (value: unknown): boolean => value === "untrusted" || value === "private";

const kinds: Kinds<McpToolsOptions> = {
  trusted: truth,
  reads: [
    '"untrusted", "private", both in a list, or [] for neither',
    (value) => [value].flat().every(isRead),
  ],
  acts: truth,
  pins: [
    "the path of a JSON file, or a Map",
    (value) => value instanceof Map || (typeof value === "string" && value !== ""),
  ],
  accept: call,
  timeoutMs: milliseconds,
  connectTimeoutMs: milliseconds,
};

/** A misspelt `pins` would be no protection, and `trusted: "no"` would be trust, without a word. */
function checkOptions(server: string, options: McpToolsOptions): void {
  const wrong = isObject(options)
    ? wrongSetting("mcpTools()", "option", kinds, options)
    : "mcpTools(): the options must be an object, e.g. { trusted: true }.";
  if (wrong !== undefined) throw new McpError(server, wrong);
}
