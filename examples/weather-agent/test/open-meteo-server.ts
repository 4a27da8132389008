import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands in for Open-Meteo on the loopback interface. */
export interface OpenMeteoServer {
  readonly url: string;
  /** What was asked, in order. */
  readonly requests: readonly URL[];
  close(): Promise<void>;
}

export type Answer = (url: URL) => { readonly status?: number; readonly body: unknown } | "hang";

export async function startOpenMeteoServer(answer: Answer): Promise<OpenMeteoServer> {
  const requests: URL[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    requests.push(url);
    const reply = answer(url);
    if (reply === "hang") return;
    response.writeHead(reply.status ?? 200, { "content-type": "application/json" });
    response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** An address at which nothing listens: its port is none of those that a system gives to whoever asks for any. */
export const closedUrl = "http://127.0.0.1:2";
