import type { Readable } from "node:stream";
import { withoutSecrets } from "./secrets.js";
import type { StdioServer } from "./server.js";

/** In characters: what is kept of it, and what of that is shown. The rest is there so that a secret is whole, and found. */
const [kept, shown] = [4_000, 300];

/** Hands on what a process says on its standard error. Returns how to tell the last of that, as the end of a sentence. */
export function hearStandardError(server: StdioServer, errors: Readable): () => string {
  const decoder = new TextDecoder();
  let last = "";
  const hear = (words: string): void => {
    if (words === "") return;
    last = (last + words).slice(-kept);
    tell(server, words);
  };
  // A character may come in pieces.
  errors.on("data", (bytes: Uint8Array) => hear(decoder.decode(bytes, { stream: true })));
  errors.once("close", () => hear(decoder.decode()));
  return () => {
    const words = withoutSecrets(server, last).replaceAll(/\s+/g, " ").trim();
    const end = words.length > shown ? `…${words.slice(-shown)}` : words;
    return end === "" ? "" : `. Last it said: "${end}"`;
  };
}

function tell({ onStderr }: StdioServer, words: string): void {
  try {
    onStderr?.(words);
  } catch {
    // A listener must not take the connection down.
  }
}
