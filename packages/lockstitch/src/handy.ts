// Tools for files, pages and programs, apart from the rest: they need Node, and nobody gets them without asking.
export {
  type CommandToolOptions,
  commandTool,
  type FetchToolOptions,
  type FileToolsOptions,
  fetchTool,
  fileTools,
} from "@lockstitch/tools/handy";
