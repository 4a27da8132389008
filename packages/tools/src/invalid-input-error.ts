import { ToolError } from "@lockstitch/core";
import type { InputIssue } from "./issues.js";
import { named } from "./path.js";

/** Issues named in one message. A wrong list of a thousand items must not flood the conversation. */
const mostNamed = 20;

/** The model called a tool with an input that its schema refuses. The message is for the model: what to change, and where. */
export class InvalidInputError extends ToolError {
  readonly issues: readonly InputIssue[];

  constructor(tool: string, issues: readonly InputIssue[]) {
    super(message(tool, issues));
    this.name = "InvalidInputError";
    this.issues = issues;
  }
}

function message(tool: string, issues: readonly InputIssue[]): string {
  return `Invalid input for ${tool}: ${listIssues(issues, "the input")}. Fix ${issues.length === 1 ? "this" : "these"} and call the tool again.`;
}

/** Issues in one sentence, for the model. `whole` is what the value that they are about is called, e.g. `the input`. */
export function listIssues(issues: readonly InputIssue[], whole: string): string {
  const words = issues.slice(0, mostNamed).map((issue) => `${named(issue.path, whole)}: ${issue.message}`);
  const more = issues.length > mostNamed ? `; and ${issues.length - mostNamed} more` : "";
  return `${words.join("; ")}${more}`;
}
