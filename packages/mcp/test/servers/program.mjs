// A program that uses a server: node program.mjs <server as JSON> close|exit|wait.
import { mcpTools } from "../../dist/index.js";

const [server, deed] = process.argv.slice(2);
const tools = await mcpTools(JSON.parse(server));
if (deed === "close") await tools.close();
if (deed === "exit") process.exit();
