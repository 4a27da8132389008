// The process that does the work, in the directory that its first argument names. With a second, a number n, it kills itself right
// after its nth booking was committed: SIGKILL, so that nothing can be cleaned up.
import { fileStore, run } from "lockstitch";
import { bookingAgent, model } from "./agent.js";

const [directory = "", dieAfter = ""] = process.argv.slice(2);
let booked = 0;

const result = await run(bookingAgent(`${directory}/ledger.txt`), "Book seats 12A, 12B and 12C.", {
  claude: model,
  store: fileStore(`${directory}/log`),
  session: "trip",
  // Start it as often as you like: the first call begins the session, every later one goes on with it.
  ifExists: "resume",
  onEvent: (event) => {
    if (event.type !== "tool.end") return;
    booked += 1;
    console.log(`  ${String(event.result.content)}`);
    if (booked === Number(dieAfter)) process.kill(process.pid, "SIGKILL");
  },
});
console.log(`  ${result.text}`);
