export { type ChaosOptions, type ChaosReport, chaos, type Finding } from "./chaos/chaos.js";
export { type CrashTestOptions, crashTest } from "./crash/crash-test.js";
export type { CrashFinding, CrashReport } from "./crash/report.js";
export type { CrashEffects, CrashFound, CrashModule, CrashSubject, CrashWorld } from "./crash/subject.js";
export { type CassetteCall, type CassetteHeader, exchangesOf, readCassette } from "./record/cassette.js";
export { CassetteError, ReplayError, type ReplayReason } from "./record/errors.js";
export { type RecordOptions, record } from "./record/record.js";
export type { RecordedError } from "./record/recorded-error.js";
export type { Redact } from "./record/redact.js";
export { type Replay, type ReplayOptions, replay } from "./record/replay.js";
export type { Departure } from "./record/session/departures.js";
export { replaySession, type SessionReplay } from "./record/session/replay-session.js";
export {
  ScriptError,
  type Scripted,
  type ScriptedBlock,
  type ScriptedMessage,
  type ScriptedReply,
  scripted,
  toolUse,
} from "./scripted.js";
export type { Pace } from "./simulator/delivery/pace.js";
export { demoMind } from "./simulator/demo/demo-mind.js";
export type { Fault, Place } from "./simulator/faults/fault.js";
export { parseFaults } from "./simulator/faults/parse-faults.js";
export type { FaultRule, When } from "./simulator/faults/rules.js";
export type {
  ErrorReply,
  MessageReply,
  Mind,
  MindContext,
  Reply,
  ReplyBlock,
  WholeReply,
} from "./simulator/mind.js";
export { byModel, firstOf } from "./simulator/minds/compose.js";
export {
  type Exchange,
  type Fits,
  type RecordingOptions,
  recordingMind,
} from "./simulator/minds/recording-mind.js";
export { scriptMind } from "./simulator/minds/script-mind.js";
export type { SimulatedRateLimits, SimulatedRateTier } from "./simulator/rate/tiers.js";
export type { RecordedRequest } from "./simulator/recorded-request.js";
export type { ModelRefusal, SimulatedModel } from "./simulator/simulated-model.js";
export { createSimulator, type Simulator, type SimulatorOptions } from "./simulator/simulator.js";
export { refuseMessageRequest, type Surroundings } from "./simulator/validate/validate.js";
export { type ContractCase, storeContract } from "./store-contract.js";
export { streamEvents } from "./stream-events.js";
