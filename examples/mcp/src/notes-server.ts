// An MCP server like any other: it knows nothing of agents. It keeps the notes in one folder.
//   node dist/notes-server.js <folder>
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const folder = process.argv[2] ?? ".";
const name = z.string().regex(/^[a-z-]+\.txt$/, "a name in small letters that ends in .txt");
const text = (words: string) => ({ content: [{ type: "text" as const, text: words }] });

// What an update of a server may bring: other words that the model will read.
const more = process.env.NOTES_UPDATE ?? "";

serveStdio(() => {
  const server = new McpServer({ name: "notes", version: "1.0.0" });
  server.registerTool(
    "list",
    { description: "Lists the notes.", annotations: { readOnlyHint: true } },
    async () => text((await readdir(folder)).sort().join("\n")),
  );
  server.registerTool(
    "read",
    {
      description: `Reads a note.${more}`,
      inputSchema: z.object({ name }),
      annotations: { readOnlyHint: true },
    },
    async (input) => text(await readFile(join(folder, input.name), "utf8")),
  );
  server.registerTool(
    "write",
    {
      description: "Writes a note, over one of the same name.",
      inputSchema: z.object({ name, text: z.string() }),
      annotations: { idempotentHint: true },
    },
    async (input) => {
      await writeFile(join(folder, input.name), input.text);
      return text(`wrote ${input.name}`);
    },
  );
  return server;
});
