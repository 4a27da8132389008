import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";
import type { Tool } from "@lockstitch/core";
import { type FetchToolOptions, fetchTool } from "@lockstitch/tools/handy";
import { onTestFinished } from "vitest";

/** A real server on this machine, and a tool that may ask it by the name site.test. */
export async function serving(listener: RequestListener) {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(request.url ?? "");
    listener(request, response);
  });
  const port = await listening(server);
  return {
    port,
    hits,
    url: `http://site.test:${port}`,
    tool: (options: FetchToolOptions = {}): Tool =>
      fetchTool({
        allowLoopback: true,
        ports: [port],
        lookup: async () => ["127.0.0.1"],
        ...options,
      }),
  };
}

/** The port that a server listens at on 127.0.0.1 until the test is over. */
export async function listening(server: Server | NetServer): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
