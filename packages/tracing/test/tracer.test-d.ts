import type { AgentEvent, Delta, EventBody } from "@lockstitch/core";
import { expectTypeOf } from "vitest";
import { createTracer, type Sink, type TracerEvents } from "../src/index.js";

const tracer = createTracer();

// A name gives exactly its own member.
tracer.on("tool.end", (event) => {
  expectTypeOf(event.type).toEqualTypeOf<"tool.end">();
  expectTypeOf(event.durationMs).toEqualTypeOf<number>();
  expectTypeOf(event.seq).toEqualTypeOf<number>();
  expectTypeOf(event.session).toEqualTypeOf<string>();
  // @ts-expect-error: `step` belongs to step.start
  event.step;
});
tracer.once("run.end", (event) => {
  expectTypeOf(event).toEqualTypeOf<Extract<AgentEvent, { readonly type: "run.end" }>>();
});
tracer.on("wait", (event) => {
  expectTypeOf(event.reason).toEqualTypeOf<"retry" | "rate_limit" | "store">();
  // @ts-expect-error: a delta is never committed
  event.seq;
});

// The channels give the unions.
tracer.on("event", (event) => expectTypeOf(event).toEqualTypeOf<AgentEvent>());
tracer.on("delta", (delta) => expectTypeOf(delta).toEqualTypeOf<Delta>());

// Every event and every delta has a name, and there are no other names.
expectTypeOf<keyof TracerEvents>().toEqualTypeOf<EventBody["type"] | Delta["type"] | "event" | "delta">();
// @ts-expect-error: no such event
tracer.on("tool.finish", () => {});
// @ts-expect-error: a listener for another event
tracer.on("tool.end", (event: TracerEvents["tool.start"]) => event.idempotencyKey);

// A listener for the union fits any name; async ones are welcome; each registration can be taken back.
const any: Sink = () => {};
tracer.off("tool.start", any);
expectTypeOf(tracer.on("step.end", async () => 1)).toEqualTypeOf<() => void>();
expectTypeOf(tracer.once("step.end", any)).toEqualTypeOf<() => void>();
expectTypeOf(tracer.add(any)).toEqualTypeOf<() => void>();
expectTypeOf(tracer.onEvent).toEqualTypeOf<(event: AgentEvent | Delta) => void>();
