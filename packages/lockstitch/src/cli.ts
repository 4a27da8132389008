#!/usr/bin/env node
import { main } from "./command/main.js";

process.exitCode = await main(process.argv.slice(2), {
  say: (text) => process.stdout.write(`${text}\n`),
  error: (text) => process.stderr.write(`${text}\n`),
});
