export {
  ScriptError,
  type Scripted,
  type ScriptedBlock,
  type ScriptedReply,
  scripted,
  toolUse,
} from "./scripted.js";
export { streamEvents } from "./stream-events.js";
export { type ChaosOptions, type ChaosReport, chaos, type Finding } from "./chaos/chaos.js";
