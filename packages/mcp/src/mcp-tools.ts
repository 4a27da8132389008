import type { Tool } from "@lockstitch/core";
import { callTool } from "./call-tool.js";
import type { ToolChange } from "./changes.js";
import { createConnection } from "./connection.js";
import type { McpDefinition } from "./definition.js";
import { effectsOf } from "./effects.js";
import { McpError } from "./errors.js";
import { inputSchemaOf } from "./input-schema.js";
import { namesOf } from "./names.js";
import { createReview, type Review, type ReviewOptions } from "./review.js";
import { checkServer, type McpServer } from "./server.js";

export interface McpToolsOptions extends ReviewOptions {
  /**
   * Whether the server's annotations are believed where they say that a tool only reads (`effects: "none"`), or that it may be called
   * again (`"idempotent"`). Default false: each tool is `"once"`.
   */
  readonly trusted?: boolean;
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
 * Connects to an MCP server and gives its tools as ours, named `<server>_<tool>`. The connection is made again when it was lost, and
 * keeps the process alive: close it.
 *
 * Rejects with `McpError` for settings that can't be meant, a server that can't be reached, and pins that can't be read.
 */
export async function mcpTools(server: McpServer, options: McpToolsOptions = {}): Promise<McpTools> {
  checkServer(server);
  checkOptions(server.name, options);
  const review = createReview(server.name, options);
  const connection = createConnection(server, {
    // The longest that a timer takes, about 24 days: one that is set for longer rings at once.
    connectTimeoutMs: Math.min(options.connectTimeoutMs ?? 60_000, 2_147_483_647),
    onTools: review.look,
  });
  try {
    await connection.open();
  } catch (error) {
    await connection.close();
    throw error;
  }
  const { tools, notes } = toolsOf(server, options, review, (definition, effects) =>
    callTool({ server, connection, review, definition, mayRepeat: effects !== "once" }),
  );
  return {
    tools,
    get changes() {
      return review.changes();
    },
    notes,
    close: connection.close,
    [Symbol.asyncDispose]: connection.close,
  };
}

type MakeRun = (definition: McpDefinition, effects: Tool["effects"]) => Tool<Record<string, unknown>>["run"];

function toolsOf(
  { name: server }: McpServer,
  { trusted = false, timeoutMs = 120_000 }: McpToolsOptions,
  review: Review,
  makeRun: MakeRun,
): Pick<McpTools, "tools" | "notes"> {
  const definitions = review.definitions();
  const names = namesOf(
    server,
    definitions.map(({ name }) => name),
  );
  const notes: string[] = [];
  const tools = definitions.flatMap((definition) => {
    const name = names.get(definition.name) ?? definition.name;
    const schema = inputSchemaOf(definition);
    if ("problem" in schema) {
      notes.push(`${definition.name} of ${server} is left out: ${schema.problem}.`);
      return [];
    }
    if (name !== `${server}_${definition.name}`)
      notes.push(
        `${definition.name} of ${server} is called ${name} here: names are short, legal and unique.`,
      );
    if (schema.leftOut.length > 0)
      notes.push(
        `The schema of ${definition.name} of ${server} is shown without ${schema.leftOut.join(", ")} at its root, which the API refuses; the server checks the input.`,
      );
    const description = definition.description ?? definition.title;
    const effects = effectsOf(definition, trusted);
    return Object.freeze({
      name,
      ...(description === undefined ? {} : { description }),
      inputSchema: schema.inputSchema,
      ...effects,
      timeoutMs,
      parse: (input: unknown) => asObject(name, input),
      run: makeRun(definition, effects.effects),
    });
  });
  return { tools: Object.freeze(tools), notes: Object.freeze(notes) };
}

/** Nothing more is checked here: the server knows its own schema best, and says what is wrong in words that the model reads. */
function asObject(name: string, input: unknown): Record<string, unknown> {
  if (typeof input === "object" && input !== null && !Array.isArray(input))
    return input as Record<string, unknown>;
  throw new TypeError(`${name} takes an object.`);
}

const knownOptions: ReadonlySet<string> = new Set<keyof McpToolsOptions>([
  "trusted",
  "pins",
  "accept",
  "timeoutMs",
  "connectTimeoutMs",
]);

/** A misspelt `pins` would be no protection, without a word. */
function checkOptions(server: string, options: McpToolsOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!knownOptions.has(name))
      throw new McpError(
        server,
        `mcpTools() has no option ${JSON.stringify(name)}. The options are: ${[...knownOptions].join(", ")}.`,
      );
    if (name.endsWith("Ms") && value !== undefined && !(typeof value === "number" && value > 0))
      throw new McpError(server, `${name} must be a positive number of milliseconds.`);
  }
}
