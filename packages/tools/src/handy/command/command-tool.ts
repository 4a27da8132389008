import { type Tool, ToolDefinitionError, ToolError } from "@lockstitch/core";
import { z } from "zod/v4";
import { tool } from "../../tool.js";
import { refuseUnknown } from "../../unknown-options.js";
import { errorCode } from "../error-code.js";
import { positive, realFolder } from "../settings.js";
import { programEnvironment } from "./environment.js";
import { type Ending, type ProgramTerms, runProgram } from "./run-program.js";

export interface CommandToolOptions {
  /** The folder that programs run in. It must exist. They are not kept in it: this is no sandbox. */
  readonly folder: string;
  /** The only programs that may be run, by the very words that the model gives. Default: any. */
  readonly commands?: readonly string[];
  /** Milliseconds until a program and all that it started are stopped. Default 60,000. */
  readonly timeoutMs?: number;
  /** Milliseconds between SIGTERM and SIGKILL. Default 2,000. */
  readonly graceMs?: number;
  /** Bytes of output that are kept, half of them the first, half the last. Default 40,000. */
  readonly maxOutputBytes?: number;
  /** Variables for the programs, beside PATH and LANG. Nothing else of this process's environment reaches them. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether a person must say yes. Default true. */
  readonly needsApproval?: boolean | ((input: CommandInput) => boolean | Promise<boolean>);
}

export interface CommandInput {
  readonly command: string;
  readonly arguments: readonly string[];
}

/**
 * `run_command`: runs one program with arguments, without a shell.
 * Throws `ToolDefinitionError` for a folder that isn't there, or an option that can't be meant.
 */
export function commandTool(options: CommandToolOptions): Tool<CommandInput> {
  refuseUnknown("commandTool", options, known);
  const terms: ProgramTerms = {
    folder: realFolder("commandTool", options.folder),
    environment: programEnvironment(process.env, checkedEnvironment(options.environment)),
    timeoutMs: positive("commandTool", "timeoutMs", options.timeoutMs, 60_000),
    graceMs: positive("commandTool", "graceMs", options.graceMs, 2_000),
    maxOutputBytes: positive("commandTool", "maxOutputBytes", options.maxOutputBytes, 40_000),
  };
  return tool({
    name: "run_command",
    description: `Run one program with arguments in the working folder, without a shell: no pipes, no wildcards, no variables, no input. It is stopped after ${terms.timeoutMs} ms.`,
    input: inputOf(options.commands),
    effects: "once",
    // Nobody knows what a program reads, writes or sends.
    reads: ["untrusted", "private"],
    acts: true,
    needsApproval: options.needsApproval ?? true,
    run: ({ command, arguments: words }, { signal }) => runCommand(command, words, terms, signal),
  });
}

const known = {
  folder: true,
  commands: true,
  timeoutMs: true,
  graceMs: true,
  maxOutputBytes: true,
  environment: true,
  needsApproval: true,
} satisfies Record<keyof CommandToolOptions, true>;

/** The system's own error would come with each call. */
function checkedEnvironment(given: CommandToolOptions["environment"] = {}): Readonly<Record<string, string>> {
  const wrong = Object.entries(given).find(
    ([name, value]) => !isWord(name) || name === "" || name.includes("=") || !isWord(value),
  );
  if (wrong === undefined) return given;
  throw new ToolDefinitionError(
    "commandTool",
    `commandTool has the variable ${JSON.stringify(wrong[0])} in its environment with a name or a value that none can have.`,
  );
}

/** What the system takes for a name or an argument: a NUL character would end it. */
function isWord(word: unknown): boolean {
  return typeof word === "string" && !word.includes("\0");
}

function inputOf(commands: readonly string[] | undefined) {
  if (
    commands !== undefined &&
    !(Array.isArray(commands) && commands.length > 0 && commands.every((word) => isWord(word) && word !== ""))
  )
    throw new ToolDefinitionError(
      "commandTool",
      "commandTool has commands that are no list of programs, or an empty one; leave it out for any.",
    );
  const [first, ...rest] = commands ?? [];
  const command = first === undefined ? z.string().min(1) : z.enum([first, ...rest]);
  return z.object({
    command: command.describe("The program alone, e.g. git"),
    arguments: z.array(z.string()).default([]).describe('Each on its own, e.g. ["log", "-n", "5"]'),
  });
}

async function runCommand(
  command: string,
  words: readonly string[],
  terms: ProgramTerms,
  signal: AbortSignal,
): Promise<string> {
  if ([command, ...words].some((word) => word.includes("\0")))
    throw new ToolError("A NUL character can't be part of a command.");
  const ending = await started(command, () => runProgram(command, words, terms, signal));
  const text = `${sentenceOf(ending, terms)}\n\n${ending.output === "" ? "(no output)" : ending.output}`;
  if (ending.stopped !== undefined) throw new ToolError(text);
  return text;
}

async function started(command: string, run: () => Promise<Ending>): Promise<Ending> {
  try {
    return await run();
  } catch (error) {
    const code = errorCode(error);
    // Not one of a system call, but the signal's reason.
    if (code === undefined) throw error;
    throw new ToolError(
      `${command} could not be started: ${reasons[code] ?? `the system refused (${code}).`}`,
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such program, or its folder is gone.",
  EACCES: "it is no program, or there is no permission to run it.",
  EPERM: "there is no permission to run it.",
  ENOEXEC: "it is no program that this system can run.",
  E2BIG: "its arguments are too long.",
  EAGAIN: "too many programs are running.",
};

function sentenceOf({ code, signal, stopped }: Ending, { timeoutMs }: ProgramTerms): string {
  const end =
    signal !== undefined
      ? `Ended by ${signal}`
      : code !== undefined
        ? `Exit code ${code}`
        : "It could not be ended, and may still run";
  if (stopped === "time") return `Stopped, for it was not done within ${timeoutMs} ms. ${end}.`;
  return stopped === "abort" ? `Stopped, for the call was aborted. ${end}.` : `${end}.`;
}
