#!/usr/bin/env node
import { main } from "./command/main.js";

const exitCode = await main(process.argv.slice(2), {
  say: (text) => process.stdout.write(`${text}\n`),
  error: (text) => process.stderr.write(`${text}\n`),
});
// Not left to the event loop: an agent's module may keep a timer or a connection open. What was written goes out first.
process.stderr.write("", () => process.stdout.write("", () => process.exit(exitCode)));
