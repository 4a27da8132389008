import type { Listed } from "./definition.js";
import { McpError } from "./errors.js";
import { failureOf } from "./failure.js";
import { connect, type LiveClient } from "./live-client.js";
import { createLook } from "./look.js";
import type { McpServer } from "./server.js";
import { unlisted, unreachable } from "./unreachable.js";

export interface ConnectionOptions {
  readonly connectTimeoutMs: number;
  /** Called with all of the server's tools: at each new connection, and when the server said that they changed. */
  readonly onTools: (tools: readonly Listed[]) => Promise<void>;
}

/** One connection at a time to a server, made again when it was lost. */
export interface Connection {
  /**
   * A client that is connected, and whose tools were looked at since the server last said that they changed. Rejects with `McpError`,
   * and with the reason of a signal that is aborted: whoever else waits for the same goes on.
   */
  open(signal?: AbortSignal): Promise<LiveClient>;
  /** A client that `open` gave is of no use any more. What is under way over it may end. */
  forget(client: LiveClient): void;
  /** Ends all connections, those too that are being made, and over which something is under way: it fails. */
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
  const closing = new AbortController();
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
    const mine: Promise<Link> = connect(server, connectTimeoutMs, closing.signal).then(
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

  const closed = () => new McpError(server.name, `The tools of the MCP server ${server.name} were closed.`);

  const open = async (isSecondTry = false): Promise<LiveClient> => {
    if (closing.signal.aborted) throw closed();
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
    open: async (signal) => {
      try {
        return await (signal === undefined ? open() : unlessAborted(signal, open()));
      } catch (error) {
        // Whatever it was that closing has broken off.
        throw closing.signal.aborted && signal?.aborted !== true ? closed() : error;
      }
    },
    forget,
    close: async () => {
      closing.abort();
      await Promise.all([...clients.keys()].map((client) => client.end()));
      await current?.catch(() => {});
    },
  };
}

function unlessAborted<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
