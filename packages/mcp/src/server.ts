import { McpError } from "./errors.js";

/** An MCP server that runs as a process of its own and speaks over its standard input and output. */
export interface StdioServer {
  /** Begins the names of its tools: 1 to 32 letters, digits, `_` and `-`. */
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
  /** Begins the names of its tools: 1 to 32 letters, digits, `_` and `-`. */
  readonly name: string;
  readonly url: string | URL;
  /** Sent with every request, e.g. `authorization`. Redirects to another origin are not followed. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type McpServer = StdioServer | HttpServer;

const knownFields: ReadonlySet<string> = new Set<keyof StdioServer | keyof HttpServer>([
  "name",
  "command",
  "args",
  "env",
  "folder",
  "onStderr",
  "url",
  "headers",
]);

/** Throws `McpError` for settings that can't be meant. */
export function checkServer(server: McpServer): void {
  const name = typeof server?.name === "string" ? server.name : "";
  const wrong = (what: string): never => {
    throw new McpError(name, `The MCP server ${JSON.stringify(name)} ${what}`);
  };
  if (!/^[a-zA-Z0-9_-]{1,32}$/.test(name))
    wrong(
      "needs another name: 1 to 32 letters, digits, underscores or hyphens, which begin its tools' names.",
    );
  for (const field of Object.keys(server))
    if (!knownFields.has(field))
      wrong(`has no setting ${JSON.stringify(field)}. The settings are: ${[...knownFields].join(", ")}.`);
  const isProcess = "command" in server && typeof server.command === "string" && server.command !== "";
  const isHttp = "url" in server && /^https?:$/.test(protocolOf(server.url));
  if (isProcess === isHttp)
    wrong("needs either a `command` (and `args`, `env`) or a `url` (and `headers`) that begins with http.");
}

function protocolOf(url: string | URL): string {
  return URL.canParse(String(url)) ? new URL(url).protocol : "";
}

/** What must not be repeated in an error: a server may echo what it was sent. The shortest are left out, for they would tear words apart. */
function secretsOf(server: McpServer): readonly string[] {
  const values =
    "url" in server
      ? [
          ...Object.values(server.headers ?? {}).flatMap((value) => [value, ...value.split(" ")]),
          ...new URL(server.url).searchParams.values(),
        ]
      : Object.values(server.env ?? {});
  return values.filter(({ length }) => length >= 8).sort((a, b) => b.length - a.length);
}

export function withoutSecrets(server: McpServer, text: string): string {
  return secretsOf(server).reduce((clean, secret) => clean.replaceAll(secret, "[secret]"), text);
}
