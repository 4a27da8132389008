// An MCP server whose tools change: node changing.mjs <journal> <list>... Each time that it is asked for its tools, it takes the next word:
// the description of its tool `echo`; with a `~` before it, it says meanwhile that its tools changed; `!` fails, and `x` ends the process.
// The last word holds for good. It notes in the journal what happens to it.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { Server } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";

const [journal, ...lists] = process.argv.slice(2);
const note = (text) => appendFileSync(journal, `${text}\n`);
const timesListed = () => (existsSync(journal) ? readFileSync(journal, "utf8").split("list").length - 1 : 0);

const server = new Server(
  { name: "changing", version: "1.0.0" },
  { capabilities: { tools: { listChanged: true } } },
);
server.setRequestHandler("tools/list", async () => {
  const word = lists[Math.min(timesListed(), lists.length - 1)];
  note("list");
  if (word === "x") process.exit(1);
  if (word === "!") throw new Error("no list today");
  if (word.startsWith("~")) await server.sendToolListChanged();
  const inputSchema = { type: "object" };
  const description = word.replace("~", "");
  return {
    tools: [
      { name: "echo", description, inputSchema },
      { name: "announce", inputSchema },
    ],
  };
});
server.setRequestHandler("tools/call", async ({ params }) => {
  note(params.name);
  if (params.name === "announce") await server.sendToolListChanged();
  return { content: [{ type: "text", text: "done" }] };
});
await server.connect(new StdioServerTransport());
