import type { Tool } from "@lockstitch/core";
import { callTool } from "./call-tool.js";
import type { ToolChange } from "./changes.js";
import { createConnection } from "./connection.js";
import type { Listed } from "./definition.js";
import { McpError } from "./errors.js";
import { isObject } from "./object.js";
import { createReview, type ReviewOptions } from "./review.js";
import { checkServer, type McpServer } from "./server.js";
import { callback, type Kinds, milliseconds, truth, wrongSetting } from "./settings.js";
import { leftOutNote, type ToolsOptions, toolsOf } from "./tools-of.js";

export interface McpToolsOptions extends ReviewOptions, ToolsOptions {
  /** Milliseconds for each step of connecting: the greeting, a list of tools. Default 60,000. */
  readonly connectTimeoutMs?: number;
}

/** A server's tools, and the connection that they share. */
export interface McpTools extends AsyncDisposable {
  /** As they were when `mcpTools()` looked, in the order of their names: an agent's tools stay the same for a whole session. */
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
  const { tools, notes } = toolsOf(server.name, options, review.definitions(), (definition, name, effects) =>
    callTool({ server, connection, review, definition, name, mayRepeat: effects !== "once" }),
  );
  const unreadable = (listed ?? []).flatMap((tool) =>
    "problem" in tool ? [leftOutNote(server.name, tool.name, tool.problem)] : [],
  );
  return {
    tools,
    get changes() {
      return review.changes();
    },
    notes: Object.freeze([...unreadable, ...notes]),
    close: connection.close,
    [Symbol.asyncDispose]: connection.close,
  };
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
  accept: callback,
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
