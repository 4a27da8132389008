import type { Listed } from "./definition.js";
import { McpError } from "./errors.js";
import type { LiveClient } from "./live-client.js";
import type { McpServer } from "./server.js";

/** How often in a row a server may say that its tools changed while they are being listed, before nobody waits for that to end. */
const mostLooks = 10;

/**
 * Makes a function that resolves when a client's tools were looked at, all that its server has said of them included. However many wait,
 * there is one look at a time. One that failed, or during which they changed again, was none: a call that went by it could be of a tool
 * that nobody has looked at. Rejects with what `listTools` or `onTools` throws, and with `McpError` where the server never comes to rest.
 */
export function createLook(
  server: McpServer,
  client: LiveClient,
  onTools: (tools: readonly Listed[]) => Promise<void>,
): () => Promise<void> {
  let seen: number | undefined;
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const { timesChanged } = client;
    await onTools(await client.listTools());
    seen = timesChanged;
  };
  return async () => {
    for (let looks = 0; seen !== client.timesChanged; looks++) {
      if (looks === mostLooks)
        throw new McpError(
          server.name,
          `The MCP server ${server.name} changes its tools faster than they can be looked at. Wait until it has come to rest.`,
        );
      looking ??= look().finally(() => {
        looking = undefined;
      });
      await looking;
    }
  };
}
