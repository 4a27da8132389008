import { type Agent, checkAgent, type RunOptions } from "@lockstitch/core";
import type { McpServerFactory } from "@modelcontextprotocol/server";
import { type Ask, ask } from "./ask.js";
import { McpError } from "./errors.js";
import { isObject } from "./object.js";
import { callback, type Kinds, list, object, text, texts, words, wrongSetting } from "./settings.js";
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
   * The host names, without port, under which `fetch` may be reached, and whose pages may call it. Others are refused, so that a page of
   * somebody else can't reach a server on your machine. Default: those of this machine (`localhost`, `127.0.0.1`, `[::1]`).
   */
  readonly hosts?: readonly string[];
}

/** An agent that is offered as an MCP server. */
export interface ServedAgent {
  /**
   * Speaks over this process's standard input and output, which then belong to the protocol: whatever else writes to the output,
   * `console.log` too, breaks it. Resolves when the client has gone.
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
  const { description, version = ownVersion, hosts, tool = toolName(agent), ...runOptions } = options;
  const stopping = new AbortController();
  const answer: Ask = (question, call) =>
    ask(agent, runOptions, question, { ...call, signal: AbortSignal.any([call.signal, stopping.signal]) });
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
      await new Promise<void>((resolve) => {
        const served = serveStdio(create, { transport });
        process.stdin.once("close", resolve).once("end", resolve);
        endings.add(() => served.close().finally(resolve));
      });
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

async function createHandler(
  create: McpServerFactory,
  hosts: readonly string[] | undefined,
  endings: Set<() => Promise<void>>,
): Promise<(request: Request) => Promise<Response>> {
  const mcp = await import("@modelcontextprotocol/server");
  const { fetch, close } = mcp.createMcpHandler(create);
  endings.add(close);
  const [names, origins] =
    hosts === undefined
      ? [mcp.localhostAllowedHostnames(), mcp.localhostAllowedOrigins()]
      : [[...hosts], [...hosts]];
  return async (request) =>
    mcp.hostHeaderValidationResponse(request, names) ??
    mcp.originValidationResponse(request, origins) ??
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

const kinds: Kinds<ServeMcpOptions> = {
  tool: [
    "a tool's name: 1 to 64 letters, digits, _ or -",
    (value) => typeof value === "string" && /^[a-zA-Z0-9_-]{1,64}$/.test(value),
  ],
  description: words,
  version: text,
  hosts: texts,
  claude: ["a function, e.g. claude({ client })", callback[1]],
  store: ["a store, e.g. memoryStore()", isObject],
  retry: object,
  prices: object,
  models: list,
  environment: object,
  onEvent: callback,
};

/** When the server is made, not when somebody asks: a client would hear of it, and its owner would not. */
function check(agent: Agent, options: ServeMcpOptions): void {
  if (!isObject(agent))
    throw new McpError(
      "",
      'serveMcp() takes an agent, e.g. serveMcp({ system: "…" }, { description: "Knows the library." }).',
    );
  const wrong = isObject(options)
    ? wrongSetting("serveMcp()", "option", kinds, options)
    : 'serveMcp(): the options must be an object, e.g. { description: "Knows the library." }.';
  if (wrong !== undefined) throw new McpError(toolName(agent), wrong);
  if (options.description === undefined)
    throw new McpError(
      toolName(agent),
      "serveMcp() needs a description: what the agent is good for and when to ask it.",
    );
  checkAgent(agent, options);
}
