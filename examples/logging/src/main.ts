import { consoleSink, createTracer, run } from "lockstitch";
import { type LogRecord, toLogRecord } from "./log-record.js";
import { offlineClaude, orderDesk } from "./order-desk.js";

// Standard output is the log, one JSON object a line; standard error is for a person.
const log = (record: LogRecord): void => {
  process.stdout.write(`${JSON.stringify(record)}\n`);
};

const tracer = createTracer({
  sinks: process.argv.includes("--watch") ? [consoleSink()] : [],
  onListenerError: (error, event) => {
    log({ level: "warn", session: event.session, event: event.type, listenerError: String(error) });
  },
});

// Everything that is committed, in order.
tracer.on("event", (event) => log(toLogRecord(event)));

// One kind of event. The listener's argument has the type of just this kind.
const times = new Map<string, number[]>();
tracer.on("tool.end", ({ name, durationMs }) => {
  times.set(name, [...(times.get(name) ?? []), durationMs]);
});

// What is live only, and only the first of it.
const startedAt = performance.now();
let firstWordMs = 0;
tracer.once("message.delta", () => {
  firstWordMs = performance.now() - startedAt;
});

// A listener that fails is reported above. The agent goes on, and so do the other listeners.
tracer.on("step.end", ({ step }) => {
  throw new Error(`the metrics server did not take step ${step}`);
});

const question = "Please refund my orders A-17 and B-99.";
const result = await run(orderDesk, question, { claude: offlineClaude(), onEvent: tracer.onEvent });

console.error(`\n${result.text}\n`);
console.error(`first word after ${firstWordMs.toFixed(0)} ms`);
for (const [name, durations] of times) {
  const calls = durations.length === 1 ? "1 call" : `${durations.length} calls`;
  console.error(`${name}: ${calls}, ${Math.max(...durations).toFixed(0)} ms at most`);
}
