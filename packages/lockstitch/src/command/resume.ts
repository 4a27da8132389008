import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Agent, type Claude, messageOf, type Result, resume } from "@lockstitch/core";
import { fileStore } from "@lockstitch/store";
import type { Command, Terminal } from "./command.js";

export const resumeCommand: Command = {
  usage: "lockstitch resume <module> <session> --store <directory> [--json]",
  summary:
    "goes on with a session where it stopped; the module (JavaScript) exports the agent, as `agent` or by default; exit code 3: it waits for a person",

  async run(words, terminal) {
    const parsed = parse(words);
    if (typeof parsed === "string") {
      terminal.error(`${parsed}\nUsage: ${resumeCommand.usage}`);
      return 2;
    }
    try {
      const { agent, claude } = await load(parsed.module);
      const store = fileStore(parsed.store);
      const result = await resume(agent, parsed.session, {
        store,
        onEvent: (event) => {
          if (event.type === "wait") terminal.error(`waiting: ${event.error ?? event.reason}`);
        },
        ...(claude === undefined ? {} : { claude }),
      });
      return tell(result, parsed.json, terminal);
    } catch (error) {
      terminal.error(messageOf(error));
      return 1;
    }
  },
};

interface Parsed {
  readonly module: string;
  readonly session: string;
  readonly store: string;
  readonly json: boolean;
}

function parse(words: readonly string[]): Parsed | string {
  try {
    const options = { store: { type: "string" }, json: { type: "boolean", default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    const [module, session, ...more] = positionals;
    if (module === undefined || session === undefined || more.length > 0)
      return "resume takes a module and a session.";
    if (values.store === undefined || values.store === "") return "resume needs --store <directory>.";
    return { module, session, store: values.store, json: values.json };
  } catch (error) {
    return messageOf(error);
  }
}

interface Loaded {
  readonly agent: Agent;
  readonly claude: Claude | undefined;
}

/** The module may also export the way to the model, as `claude`, e.g. a scripted one. */
async function load(path: string): Promise<Loaded> {
  const module: unknown = await import(pathToFileURL(resolve(path)).href).catch((error: unknown) => {
    throw new Error(whyNotLoaded(path, error), { cause: error });
  });
  const { agent, default: byDefault, claude } = module as Readonly<Record<string, unknown>>;
  const found = agent ?? byDefault;
  if (typeof found !== "object" || found === null) {
    throw new Error(
      `${path} exports no agent. Export it as \`agent\` or by default, e.g. export const agent = { tools: [...] }.`,
    );
  }
  return { agent: found as Agent, claude: claude as Claude | undefined };
}

function whyNotLoaded(path: string, error: unknown): string {
  if (/\.[cm]?tsx?$/.test(path) && messageOf(error).includes("Unknown file extension"))
    return `${path} is TypeScript, which this Node can't read: compile it, and give the JavaScript file.`;
  // Node tells the place only to those who ask it so.
  const advice = error instanceof SyntaxError ? `. See where: node --check ${path}` : "";
  return `${path} can't be loaded: ${messageOf(error)}${advice}`;
}

function tell(result: Result, json: boolean, terminal: Terminal): number {
  if (json) terminal.say(JSON.stringify(result));
  if (result.status === "waiting") {
    if (!json)
      for (const { toolUseId, tool, input } of result.approvals)
        terminal.error(`waits for a person: ${toolUseId} ${tool} ${JSON.stringify(input)}`);
    return 3;
  }
  if (!json) terminal.say(result.text);
  return 0;
}
