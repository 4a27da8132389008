import { McpError } from "./errors.js";
import { isObject } from "./object.js";
import { callback, type Kinds, text, texts, textsByName, words, wrongSetting } from "./settings.js";

/** An MCP server that runs as a process of its own and speaks over its standard input and output. */
export interface StdioServer {
  /** Begins the names of its tools: 1 to 32 letters, digits, `_` and `-`, without two `_` in a row or one at the end. */
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /**
   * Added to the few variables that any program needs (`PATH`, `HOME`, `USER`, `LOGNAME`, `SHELL`, `TERM`; on Windows its own kind).
   * Nothing else of this process's environment reaches the server.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** Its working directory. Default: this process's. */
  readonly folder?: string;
  /** Called with what it writes to its standard error. Default: that is thrown away. What this throws is thrown away too. */
  readonly onStderr?: (text: string) => void;
}

/** An MCP server that is reached over streamable HTTP. */
export interface HttpServer {
  /** Begins the names of its tools: 1 to 32 letters, digits, `_` and `-`, without two `_` in a row or one at the end. */
  readonly name: string;
  /** Without a user and a password: those go into `headers`. */
  readonly url: string | URL;
  /** Sent with every request, e.g. `authorization`. Redirects to another origin are not followed. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type McpServer = StdioServer | HttpServer;

const ofProcess: Kinds<StdioServer> = {
  name: text,
  command: words,
  args: texts,
  env: textsByName,
  folder: text,
  onStderr: callback,
};

const ofHttp: Kinds<HttpServer> = {
  name: text,
  url: ["an address that begins with http", (value) => /^https?:$/.test(protocolOf(value))],
  headers: textsByName,
};

/** No two underscores in a row and none at its end: those stand between it and a tool's name. */
export function isLegalServerName(name: unknown): name is string {
  return typeof name === "string" && /^(?!.*__)[a-zA-Z0-9_-]{0,31}[a-zA-Z0-9-]$/.test(name);
}

/** Throws `McpError` for settings that can't be meant. */
export function checkServer(server: McpServer): void {
  if (!isObject(server))
    throw new McpError(
      "",
      'mcpTools() takes a server: { name: "files", command: "npx", args: ["…"] }, or { name: "web", url: "https://…" }.',
    );
  const { name } = server;
  const who = `The MCP server ${JSON.stringify(name ?? "")}`;
  if (!isLegalServerName(name))
    throw new McpError(
      "",
      `${who} needs another name: 1 to 32 letters, digits, underscores or hyphens, without two underscores in a row or one at the end. Its tools' names begin with it.`,
    );
  const isHttp = "url" in server;
  if (isHttp === "command" in server)
    throw new McpError(
      name,
      `${who} needs either a \`command\` (and \`args\`, \`env\`) or a \`url\` (and \`headers\`).`,
    );
  const wrong = isHttp
    ? wrongSetting(who, "setting", ofHttp, server)
    : wrongSetting(who, "setting", ofProcess, server);
  if (wrong !== undefined) throw new McpError(name, `${wrong}${unsetWords(server)}`);
  // Nobody takes such an address, and every error about it would repeat it.
  if (isHttp && hasCredentials(server.url))
    throw new McpError(
      name,
      `${who}: url must be without a user and a password. Give headers with an authorization instead, e.g. \`Basic \${btoa("user:password")}\`.`,
    );
}

/** A variable of the environment that nobody has set is undefined: which, is what one wants to know. */
function unsetWords(server: object): string {
  const { env, headers } = server as { readonly env?: unknown; readonly headers?: unknown };
  const unset = [env, headers].flatMap((it) =>
    isObject(it) ? Object.keys(it).filter((key) => it[key] === undefined) : [],
  );
  return unset.length === 0 ? "" : ` Undefined: ${unset.join(", ")}.`;
}

function hasCredentials(url: unknown): boolean {
  const { username, password } = new URL(String(url));
  return username !== "" || password !== "";
}

function protocolOf(url: unknown): string {
  return URL.canParse(String(url)) ? new URL(String(url)).protocol : "";
}
