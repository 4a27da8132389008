export type { CostFigures, CostLine, ToolLine } from "./cost/tables.js";
export { type CostReport, createCostReport } from "./cost-report.js";
export { type ConsoleSinkOptions, consoleSink } from "./sinks/console.js";
export {
  createTracer,
  type Listener,
  type Sink,
  type Tracer,
  type TracerEvents,
  type TracerOptions,
} from "./tracer.js";
