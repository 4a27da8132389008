// An agent that never answers, served over standard input and output: it tells on standard error what becomes of a question.
import { serveMcp } from "../../dist/index.js";

const claude = (_request, { signal }) =>
  new Promise((_resolve, reject) => {
    process.stderr.write("asked\n");
    signal.addEventListener("abort", () => {
      process.stderr.write("aborted\n");
      reject(signal.reason);
    });
  });
await serveMcp({}, { claude, description: "Thinks." }).stdio();
