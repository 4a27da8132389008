export type { ToolChange } from "./changes.js";
export type { McpDefinition } from "./definition.js";
export { McpError } from "./errors.js";
export { type McpTools, type McpToolsOptions, mcpTools } from "./mcp-tools.js";
export type { Pin, ServerPins } from "./pin.js";
export type { Pins } from "./pins.js";
export { type ServedAgent, type ServeMcpOptions, serveMcp } from "./serve-mcp.js";
export type { HttpServer, McpServer, StdioServer } from "./server.js";
