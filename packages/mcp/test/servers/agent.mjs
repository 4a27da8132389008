// An agent served over standard input and output.
import { scripted } from "@lockstitch/testing";
import { serveMcp } from "../../dist/index.js";

const claude = scripted(["Hello from the agent."]);
await serveMcp({ name: "greeter" }, { claude, description: "Greets." }).stdio();
process.stderr.write("gone\n");
