import { McpError } from "./errors.js";
import { codeOf, wordsOf } from "./failure.js";
import type { McpServer, StdioServer } from "./server.js";

/** Why a server can't be had, and the way out. What we found wrong ourselves is told as it is. */
export function unreachable(server: McpServer, error: unknown): McpError {
  if (error instanceof McpError) return error;
  const wayOut = "url" in server ? httpWayOut(error) : processWayOut(server, error);
  return new McpError(
    server.name,
    `The MCP server ${server.name} can't be reached: ${wordsOf(server, error)}. ${wayOut}`,
  );
}

/** Why a server that was reached can't be used. */
export function unlisted(server: McpServer, error: unknown): McpError {
  if (error instanceof McpError) return error;
  return new McpError(
    server.name,
    `The MCP server ${server.name} can't list its tools: ${wordsOf(server, error)}. Try again, or see at the server why.`,
  );
}

function httpWayOut(error: unknown): string {
  const { status } = (error ?? {}) as { readonly status?: unknown };
  if (status === 429) return "Try again later.";
  if (typeof status === "number" && status >= 500) return "Try again later, or see at the server why.";
  return status === 401 || status === 403 ? "Check its headers." : "Check its address and headers.";
}

function processWayOut({ command, args = [] }: StdioServer, error: unknown): string {
  if (!["ENOENT", "EACCES"].includes(String(codeOf(error))))
    return "Check its command, args and `env`: no other variable of this process is handed on. `onStderr` hears what it says.";
  const [program, ...rest] = command.trim().split(/\s+/);
  if (args.length > 0 || rest.length === 0) return "Check its command and arguments.";
  const words = rest.map((word) => JSON.stringify(word)).join(", ");
  return `Give the program alone as its \`command\`, and the rest as \`args\`: { command: ${JSON.stringify(program)}, args: [${words}] }.`;
}
