export {
  type AgentTask,
  type AgentToolOptions,
  agentTool,
  type JsonAgentToolOptions,
  type TaskInput,
} from "./agent-tool.js";
export { type DeferToolsOptions, deferTools } from "./defer-tools.js";
export { type DocumentOptions, document } from "./document.js";
export { image } from "./image.js";
export { InvalidInputError } from "./invalid-input-error.js";
export type { InputIssue } from "./issues.js";
export { MediaError } from "./media-error.js";
export { outputSchema } from "./output-schema.js";
export type { MediaSource } from "./read-media.js";
export type { JsonInput, NoInput, OutputOf, StandardSchema } from "./standard-schema.js";
export { type JsonToolOptions, type ToolOptions, tool } from "./tool.js";
