export { InvalidInputError } from "./invalid-input-error.js";
export type { InputIssue } from "./issues.js";
export type { NoInput, OutputOf, StandardSchema } from "./standard-schema.js";
export { type ToolOptions, tool } from "./tool.js";
