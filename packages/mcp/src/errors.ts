import { LockstitchError } from "@lockstitch/core";

/** An MCP server can't be used as asked: its settings, its connection, its tools' definitions or their pins are at fault. */
export class McpError extends LockstitchError {
  /** The server's name, as it was given. */
  readonly server: string;

  constructor(server: string, message: string, options?: ErrorOptions) {
    super("mcp", message, options);
    this.server = server;
  }
}
