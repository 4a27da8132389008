// An agent that is served over standard input and output.
import { serveMcp } from "../../packages/mcp/dist/index.js";
import { scripted } from "../../packages/testing/dist/index.js";

await serveMcp({ name: "greeter" }, { claude: scripted(["Hello."]), description: "Greets." }).stdio();
