export { type ConsoleSinkOptions, consoleSink } from "./sinks/console.js";
export {
  createTracer,
  type Listener,
  type Sink,
  type Tracer,
  type TracerEvents,
  type TracerOptions,
} from "./tracer.js";
