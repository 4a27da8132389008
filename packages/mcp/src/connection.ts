import type { Listed } from "./definition.js";
import { McpError } from "./errors.js";
import { connect, type LiveClient } from "./live-client.js";
import type { McpServer } from "./server.js";
import { wordsOf } from "./transport.js";

export interface ConnectionOptions {
  readonly connectTimeoutMs: number;
  /** Called with all of the server's tools: at each new connection, and when the server says that they changed. */
  readonly onTools: (tools: readonly Listed[]) => Promise<void>;
}

/** One connection at a time to a server, made again when it was lost. */
export interface Connection {
  /** A client that is connected and whose tools were looked at. Rejects with `McpError`. */
  open(): Promise<LiveClient>;
  /** A client that `open` gave is of no use any more. What is under way over it may end. */
  forget(client: LiveClient): void;
  close(): Promise<void>;
}

export function createConnection(
  server: McpServer,
  { connectTimeoutMs, onTools }: ConnectionOptions,
): Connection {
  let current: Promise<LiveClient> | undefined;
  let closed = false;
  /** With the promise that each came from. */
  const clients = new Map<LiveClient, Promise<LiveClient>>();

  const look = async (client: LiveClient): Promise<LiveClient> => {
    await onTools(await client.listTools());
    return client;
  };

  const letGoOf = (connecting: Promise<LiveClient> | undefined): void => {
    if (current === connecting) current = undefined;
  };

  const forget = (client: LiveClient): void => {
    // Not whatever is current: another call may have seen the same loss, and made the connection anew.
    letGoOf(clients.get(client));
    clients.delete(client);
    client.retire();
  };

  const begin = (): Promise<LiveClient> => {
    const mine: Promise<LiveClient> = connect(server, connectTimeoutMs, () => letGoOf(mine)).then(
      (client) => {
        clients.set(client, mine);
        return look(client).catch((error: unknown) => {
          forget(client);
          throw error;
        });
      },
    );
    mine.catch(() => letGoOf(mine));
    return mine;
  };

  return {
    forget,
    open: async () => {
      if (closed) throw new McpError(server.name, `The tools of the MCP server ${server.name} were closed.`);
      current ??= begin();
      try {
        const client = await current;
        return client.isStale ? await look(client) : client;
      } catch (error) {
        throw error instanceof McpError ? error : unreachable(server, error);
      }
    },
    close: async () => {
      closed = true;
      await current?.catch(() => {});
      await Promise.all([...clients.keys()].map((client) => client.end()));
    },
  };
}

function unreachable(server: McpServer, error: unknown): McpError {
  const way = "url" in server ? "its address and headers" : "its command and arguments";
  return new McpError(
    server.name,
    `The MCP server ${server.name} can't be reached: ${wordsOf(server, error)}. Check ${way}.`,
  );
}
