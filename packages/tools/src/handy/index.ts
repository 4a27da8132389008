export { type CommandToolOptions, commandTool } from "./command/command-tool.js";
export { type FetchToolOptions, fetchTool } from "./fetch/fetch-tool.js";
export { type FileToolsOptions, fileTools } from "./files/file-tools.js";
