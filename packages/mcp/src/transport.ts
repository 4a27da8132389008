import type { Transport } from "@modelcontextprotocol/client";
import { httpTransport } from "./http-transport.js";
import { processTransport } from "./process-transport.js";
import { sealAnswers } from "./sealed.js";
import type { McpServer } from "./server.js";

/** A way to the server, not opened yet. The protocol's code is loaded here, by those who use it. */
export async function createTransport(server: McpServer): Promise<Transport> {
  const transport = await ("url" in server ? httpTransport(server) : processTransport(server));
  sealAnswers(transport);
  return transport;
}
