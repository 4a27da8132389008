import type { JSONRPCMessage, RequestId, Transport } from "@modelcontextprotocol/client";
import { createLineReader } from "./line-reader.js";
import { readMessage } from "./read-message.js";
import type { StdioServer } from "./server.js";
import { type ServerProcess, startProcess } from "./server-process.js";
import { standIn } from "./stand-in.js";
import { hearStandardError } from "./standard-error.js";

/** In bytes. Whatever is longer would fill the memory. */
const longestLine = 10 * 1024 * 1024;

/** A way to a server over its standard input and output. When it ends, requests that wait for an answer are told how. */
export async function processTransport(server: StdioServer): Promise<Transport> {
  const { SdkError, SdkErrorCode } = await import("@modelcontextprotocol/client");
  const open = new Set<RequestId>();
  let starting: Promise<ServerProcess> | undefined;
  let started: ServerProcess | undefined;
  /** Nothing more is sent or heard. Whether all of it has ended is another question. */
  let isOver = false;
  let closing: Promise<void> | undefined;

  const deliver = (message: JSONRPCMessage): void => {
    try {
      transport.onmessage?.(message);
    } catch (error) {
      transport.onerror?.(error as Error);
    }
  };

  const finish = (why: string): void => {
    if (isOver) return;
    isOver = true;
    for (const id of open) deliver(standIn(id, "lost", why));
  };

  const end = async (): Promise<void> => {
    const running = await starting?.catch(() => undefined);
    await running?.end();
    finish("the connection was closed");
    transport.onclose?.();
  };
  const close = (): Promise<void> => {
    closing ??= end();
    return closing;
  };

  const hear = (line: string): void => {
    for (const said of [parsed(line)].flat()) {
      const read = isOver ? undefined : readMessage(said, open);
      if (read?.answers !== undefined) open.delete(read.answers);
      if (read !== undefined)
        deliver("message" in read ? read.message : standIn(read.answers, "unclear", read.problem));
    }
  };

  const listenTo = ({ input, output, errors, ended }: ServerProcess): void => {
    const lastWords = hearStandardError(server, errors);
    const onTooLong = () => {
      finish("it sent a line of more than 10 MB, which is not read");
      void close();
    };
    output.on("data", createLineReader(longestLine, hear, onTooLong));
    input.on("error", () => void close());
    void ended.then((how) => {
      finish(`${how}${lastWords()}`);
      // What it has started may still be there.
      return close();
    });
  };

  const transport: Transport = {
    start: async () => {
      if (closing !== undefined) throw new SdkError(SdkErrorCode.NotConnected, "Not connected");
      starting = startProcess(server);
      started = await starting;
      listenTo(started);
    },
    send: async (message) => {
      const input = isOver ? undefined : started?.input;
      if (input === undefined) throw new SdkError(SdkErrorCode.NotConnected, "Not connected");
      const gone = cancelledBy(message);
      if (gone !== undefined) open.delete(gone);
      if ("method" in message && "id" in message) open.add(message.id);
      // Whether it was taken shows in its answer, or in the end of the connection.
      await new Promise<void>((resolve) => input.write(`${JSON.stringify(message)}\n`, () => resolve()));
    },
    close,
  };
  return transport;
}

/** Nobody waits for the answer to a request that was cancelled. */
function cancelledBy(message: JSONRPCMessage): RequestId | undefined {
  if (!("method" in message) || message.method !== "notifications/cancelled") return undefined;
  return message.params?.requestId as RequestId | undefined;
}

/** Many a program says more than messages on its standard output. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
