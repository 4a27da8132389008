export { type ChaosOptions, type ChaosReport, chaos, type Finding } from "./chaos/chaos.js";
export { type CrashTestOptions, crashTest } from "./crash/crash-test.js";
export type { CrashFinding, CrashReport } from "./crash/report.js";
export type { CrashEffects, CrashFound, CrashModule, CrashSubject, CrashWorld } from "./crash/subject.js";
export {
  ScriptError,
  type Scripted,
  type ScriptedBlock,
  type ScriptedReply,
  scripted,
  toolUse,
} from "./scripted.js";
export { demoMind } from "./simulator/demo/demo-mind.js";
export type { ErrorReply, MessageReply, Mind, MindContext, Reply, ReplyBlock } from "./simulator/mind.js";
export type { RecordedRequest } from "./simulator/recording.js";
export { scriptMind } from "./simulator/script-mind.js";
export { createSimulator, type Simulator, type SimulatorOptions } from "./simulator/simulator.js";
export { refuseMessageRequest, type Surroundings } from "./simulator/validate/validate.js";
export { type ContractCase, storeContract } from "./store-contract.js";
export { streamEvents } from "./stream-events.js";
