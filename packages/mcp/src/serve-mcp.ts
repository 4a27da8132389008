import {
  type Agent,
  checkAgent,
  type Environment,
  type RetryOptions,
  type RunOptions,
  type Store,
} from "@lockstitch/core";
import type { McpServerFactory, Transport } from "@modelcontextprotocol/server";
import { type Ask, ask } from "./ask.js";
import { McpError } from "./errors.js";
import { hostName, hostNames } from "./hosts.js";
import { isObject } from "./object.js";
import { onConsole, safely } from "./owner.js";
import { callback, type Kinds, object, text, withMethods, words, wrongSetting } from "./settings.js";
import { version as ownVersion } from "./version.js";

export interface ServeMcpOptions
  extends Pick<RunOptions, "claude" | "store" | "retry" | "prices" | "models" | "environment" | "onEvent"> {
  /** The name of its one tool: 1 to 64 letters, digits, `_` and `-`. Default `ask_<the agent's name>`, or `ask` where it has none. */
  readonly tool?: string;
  /** What the agent is good for and when to ask it: the asking model chooses by this text. */
  readonly description: string;
  /** The agent's own, said in the greeting. Default: this package's. */
  readonly version?: string;
  /**
   * The host names, without port and in whichever case, under which `fetch` may be reached, and whose pages may call it. Others are
   * refused, so that a page of somebody else can't reach a server on your machine. Default: those of this machine (`localhost`,
   * `127.0.0.1`, `[::1]`).
   */
  readonly hosts?: readonly string[];
  /**
   * Called with what failed inside, and with its session where there is a store: the client hears no more than that something failed.
   * What it throws is reported and stops nothing. Default: `console.error` with the error's message, on standard error.
   */
  readonly onError?: (error: unknown, place: { readonly session?: string }) => void;
}

/** An agent that is offered as an MCP server. */
export interface ServedAgent {
  /**
   * Speaks over this process's standard input and output, which then belong to the protocol: whatever else writes to the output,
   * `console.log` too, breaks it. Resolves when the client has gone, or sent a line of more than 10 MB.
   */
  stdio(): Promise<void>;
  /**
   * Streamable HTTP, as a web-standard handler. It authenticates nobody: put that in front of it. Whoever reaches it spends your money.
   */
  fetch(request: Request): Promise<Response>;
  /** Ends all connections and aborts the runs that they wait for. */
  close(): Promise<void>;
}

/**
 * Offers an agent as an MCP server with one tool, which runs the agent on an input. A client that cancels or goes away aborts the run.
 * With a store, an answer names its session, and the client can go on with it.
 *
 * Throws `McpError` for options that can't be meant, and, as `run()` would, `AgentError` or `ToolDefinitionError` for such an agent.
 */
export function serveMcp(agent: Agent, options: ServeMcpOptions): ServedAgent {
  check(agent, options);
  const {
    description,
    version = ownVersion,
    hosts,
    tool = toolName(agent),
    onError,
    ...runOptions
  } = options;
  const stopping = new AbortController();
  const asked = { agent, options: runOptions, tell: safely(onError ?? onConsole(tool)) };
  const answer: Ask = (question, call) =>
    ask(asked, question, { ...call, signal: AbortSignal.any([call.signal, stopping.signal]) });
  const endings = new Set<() => Promise<void>>();
  const factory = () =>
    createFactory({ tool, description, version, canGoOn: options.store !== undefined, answer });
  let handler: Promise<(request: Request) => Promise<Response>> | undefined;
  return {
    stdio: async () => {
      const [{ serveStdio, StdioServerTransport }, create] = await Promise.all([
        import("@modelcontextprotocol/server/stdio"),
        factory(),
      ]);
      const transport = new StdioServerTransport();
      endings.add(serveStdio(create, { transport }).close);
      await closeOf(transport);
    },
    fetch: async (request) => {
      handler ??= factory().then((create) => createHandler(create, hosts, endings));
      return (await handler)(request);
    },
    close: async () => {
      stopping.abort(new McpError(tool, "The server is closed."));
      await Promise.all([...endings].map((end) => end()));
    },
  };
}

/**
 * When it is over, in whichever way: the client closed our input, or our output, or sent what can't be read. Only the transport knows
 * all of them. Whoever serves it listens already, and goes on to.
 */
function closeOf(transport: Transport): Promise<void> {
  const { onclose } = transport;
  return new Promise((resolve) => {
    transport.onclose = () => {
      onclose?.();
      resolve();
    };
  });
}

async function createHandler(
  create: McpServerFactory,
  hosts: readonly string[] | undefined,
  endings: Set<() => Promise<void>>,
): Promise<(request: Request) => Promise<Response>> {
  const mcp = await import("@modelcontextprotocol/server");
  const { fetch, close } = mcp.createMcpHandler(create);
  endings.add(close);
  const names = hosts?.map(hostName);
  return async (request) =>
    mcp.hostHeaderValidationResponse(request, names ?? mcp.localhostAllowedHostnames()) ??
    mcp.originValidationResponse(request, names ?? mcp.localhostAllowedOrigins()) ??
    (await fetch(request));
}

interface Served {
  readonly tool: string;
  readonly description: string;
  readonly version: string;
  readonly canGoOn: boolean;
  readonly answer: Ask;
}

/** One server a connection, or a request: the protocol's servers are cheap and serve one at a time. */
async function createFactory({
  tool,
  description,
  version,
  canGoOn,
  answer,
}: Served): Promise<McpServerFactory> {
  const { McpServer, fromJsonSchema } = await import("@modelcontextprotocol/server");
  const input = { type: "string", description: "What to ask or tell the agent." };
  const session = {
    type: "string",
    description:
      "Goes on with the conversation that an earlier answer named. Without `input`: where it was waiting.",
  };
  const inputSchema = fromJsonSchema<{ input?: string; session?: string }>(
    canGoOn
      ? { type: "object", properties: { input, session }, additionalProperties: false }
      : { type: "object", properties: { input }, required: ["input"], additionalProperties: false },
  );
  return () => {
    const server = new McpServer({ name: tool, version });
    server.registerTool(tool, { description, inputSchema }, (question, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      const progress = (count: number, message: string) => {
        if (progressToken === undefined) return;
        const params = { progressToken, progress: count, message };
        // A client that has gone is noticed by the signal.
        void mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
      };
      return answer(question, { signal: mcpReq.signal, progress });
    });
    return server;
  };
}

function toolName({ name }: Agent): string {
  return typeof name !== "string" || name === ""
    ? "ask"
    : `ask_${name.replace(/[^a-zA-Z0-9_-]/g, "_")}`.slice(0, 64);
}

const storeMethods: readonly (keyof Store)[] = ["open", "post", "read", "watch", "list"];
const environmentMethods: readonly (keyof Environment)[] = ["now", "random", "id", "sleep"];

const kinds: Kinds<ServeMcpOptions> = {
  tool: [
    "a tool's name: 1 to 64 letters, digits, _ or -",
    (value) => typeof value === "string" && /^[a-zA-Z0-9_-]{1,64}$/.test(value),
  ],
  description: words,
  version: text,
  hosts: hostNames,
  onError: callback,
  claude: ["a function, e.g. claude({ client })", callback[1]],
  store: withMethods("a store, e.g. memoryStore()", storeMethods),
  retry: object,
  prices: object,
  models: [
    "a list of models, e.g. [...mine, ...models]",
    (value) =>
      Array.isArray(value) && value.every((model) => isObject(model) && typeof model.id === "string"),
  ],
  environment: withMethods("an object with the functions now, random, id and sleep", environmentMethods),
  onEvent: callback,
};

/** As a run would refuse them, for each client anew. */
const retryKinds: Kinds<RetryOptions> = {
  attempts: ["a whole number of at least 1", (value) => Number.isInteger(value) && Number(value) >= 1],
  maxRetryAfterMs: ["0 or more milliseconds", (value) => typeof value === "number" && value >= 0],
};

/** When the server is made, not when somebody asks: a client would hear of it, and its owner would not. */
function check(agent: Agent, options: ServeMcpOptions): void {
  if (!isObject(agent))
    throw new McpError(
      "",
      'serveMcp() takes an agent, e.g. serveMcp({ system: "…" }, { description: "Knows the library." }).',
    );
  const wrong = wrongOption(options);
  if (wrong !== undefined) throw new McpError(toolName(agent), wrong);
  checkAgent(agent, options);
}

function wrongOption(options: ServeMcpOptions): string | undefined {
  if (!isObject(options))
    return 'serveMcp(): the options must be an object, e.g. { description: "Knows the library." }.';
  return (
    wrongSetting("serveMcp()", "option", kinds, options) ??
    wrongSetting("serveMcp(): retry", "setting", retryKinds, options.retry ?? {}) ??
    (options.description === undefined
      ? "serveMcp() needs a description: what the agent is good for and when to ask it."
      : undefined)
  );
}
