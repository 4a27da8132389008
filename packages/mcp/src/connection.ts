import type { Listed } from "./definition.js";
import { McpError } from "./errors.js";
import { failureOf, wordsOf } from "./failure.js";
import { connect, type LiveClient } from "./live-client.js";
import { createLook } from "./look.js";
import type { McpServer } from "./server.js";

export interface ConnectionOptions {
  readonly connectTimeoutMs: number;
  /** Called with all of the server's tools: at each new connection, and when the server said that they changed. */
  readonly onTools: (tools: readonly Listed[]) => Promise<void>;
}

/** One connection at a time to a server, made again when it was lost. */
export interface Connection {
  /** A client that is connected, and whose tools were looked at since the server last said that they changed. Rejects with `McpError`. */
  open(): Promise<LiveClient>;
  /** A client that `open` gave is of no use any more. What is under way over it may end. */
  forget(client: LiveClient): void;
  /** Ends all connections, those too over which something is still under way: it fails. */
  close(): Promise<void>;
}

interface Link {
  readonly client: LiveClient;
  /** Resolves when the client's tools were looked at. */
  readonly look: () => Promise<void>;
}

export function createConnection(
  server: McpServer,
  { connectTimeoutMs, onTools }: ConnectionOptions,
): Connection {
  let current: Promise<Link> | undefined;
  let isClosed = false;
  /** Each until it has ended, with the promise that it came from. */
  const clients = new Map<LiveClient, Promise<Link>>();

  const letGoOf = (link: Promise<Link> | undefined): void => {
    if (current === link) current = undefined;
  };

  const forget = (client: LiveClient): void => {
    // Not whatever is current: another call may have seen the same loss, and made the connection anew.
    letGoOf(clients.get(client));
    client.retire();
  };

  const begin = (): Promise<Link> => {
    const mine: Promise<Link> = connect(server, connectTimeoutMs).then(
      async (client) => {
        clients.set(client, mine);
        void client.ended.then(() => {
          letGoOf(mine);
          clients.delete(client);
        });
        const link = { client, look: createLook(server, client, onTools) };
        await link.look().catch((error: unknown) => {
          forget(client);
          throw unlisted(server, error);
        });
        return link;
      },
      (error: unknown) => {
        throw unreachable(server, error);
      },
    );
    mine.catch(() => letGoOf(mine));
    return mine;
  };

  const open = async (isSecondTry = false): Promise<LiveClient> => {
    if (isClosed) throw new McpError(server.name, `The tools of the MCP server ${server.name} were closed.`);
    current ??= begin();
    const { client, look } = await current;
    try {
      await look();
      return client;
    } catch (error) {
      const isLost = !(error instanceof McpError) && ["lost", "not_sent"].includes(await failureOf(error));
      if (isLost) forget(client);
      if (!isLost || isSecondTry) throw unlisted(server, error);
      return open(true);
    }
  };

  return {
    open: () => open(),
    forget,
    close: async () => {
      isClosed = true;
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

/** What the review of its tools found wrong is told as it is. */
function unlisted(server: McpServer, error: unknown): McpError {
  if (error instanceof McpError) return error;
  return new McpError(
    server.name,
    `The MCP server ${server.name} can't list its tools: ${wordsOf(server, error)}. Try again, or see at the server why.`,
  );
}
