import { messageOf } from "@lockstitch/core";
import { changeOf, type ToolChange } from "./changes.js";
import type { McpDefinition } from "./definition.js";
import { McpError } from "./errors.js";
import { quotedName } from "./names.js";
import { type Pins, pinAnew, pinnedBy } from "./pins.js";

export interface ReviewOptions {
  /**
   * Where definitions are kept, to compare them the next time: a path to a JSON file, or a map. What a server offers when it is first
   * seen is pinned as it is. Default: they are compared only for as long as the tools live.
   */
  readonly pins?: Pins;
  /**
   * Asked about each tool that is new, gone, or not what it was pinned as. Yes pins it as it is now, and drops the pin of one that is
   * gone. Otherwise a new one is left out, and a changed one keeps its old definition and refuses every call. What it throws is thrown
   * on, and nothing is pinned. Default: no.
   */
  readonly accept?: (change: ToolChange) => boolean | Promise<boolean>;
}

/** Compares what a server offers with what it offered before. */
export interface Review {
  /** Looks at a list of the server's tools. The first decides which tools there are, later ones only which may still be called. */
  look(tools: readonly McpDefinition[]): Promise<void>;
  /** The definitions that the model is shown. */
  definitions(): readonly McpDefinition[];
  /** What was not accepted, and what is gone, by now. */
  changes(): readonly ToolChange[];
  /** Why a tool may not be called, if it may not, as the rest of a sentence. */
  refusal(tool: string): string | undefined;
}

interface Decided {
  readonly shown: ReadonlyMap<string, McpDefinition>;
  readonly changes: readonly ToolChange[];
}

export function createReview(server: string, { pins, accept = () => false }: ReviewOptions): Review {
  let decided: Decided | undefined;
  let changedNow: ReadonlyMap<string, ToolChange> = new Map();

  const isAccepted = async (change: ToolChange): Promise<boolean> => {
    try {
      return (await accept(change)) === true;
    } catch (error) {
      const about = `the tool ${quotedName(change.tool)} of the server ${server}`;
      throw new McpError(server, `accept failed when it was asked about ${about}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };

  const decide = async (offered: ReadonlyMap<string, McpDefinition>): Promise<Decided> => {
    if (pins === undefined) return { shown: offered, changes: [] };
    const before = await pinnedBy(pins, server, offered);
    const shown = new Map<string, McpDefinition>();
    const accepted = new Map<string, McpDefinition | undefined>();
    const changes: ToolChange[] = [];
    for (const tool of new Set([...before.keys(), ...offered.keys()])) {
      const [was, is] = [before.get(tool), offered.get(tool)];
      const change = changeOf(server, was, is);
      const isNew = change !== undefined && (await isAccepted(change));
      if (isNew) accepted.set(tool, is);
      else if (change !== undefined) changes.push(change);
      // As it was pinned, where nothing changed: a server may list its fields in another order each time.
      const definition = isNew ? is : was;
      if (definition !== undefined && is !== undefined) shown.set(tool, definition);
    }
    if (accepted.size > 0) await pinAnew(pins, server, accepted);
    return { shown, changes };
  };

  return {
    look: async (tools) => {
      const offered = byName(server, tools);
      decided ??= await decide(offered);
      changedNow = changesBetween(server, decided.shown, offered);
    },
    definitions: () => [...(decided?.shown.values() ?? [])],
    changes: () => [
      ...(decided?.changes.filter(({ tool }) => !changedNow.has(tool)) ?? []),
      ...changedNow.values(),
    ],
    refusal: (tool) => {
      const change = changedNow.get(tool);
      return change === undefined ? undefined : refusalOf(change);
    },
  };
}

function changesBetween(
  server: string,
  shown: ReadonlyMap<string, McpDefinition>,
  offered: ReadonlyMap<string, McpDefinition>,
): ReadonlyMap<string, ToolChange> {
  const changes = [...shown].flatMap(
    ([tool, definition]) => changeOf(server, definition, offered.get(tool)) ?? [],
  );
  return new Map(changes.map((change) => [change.tool, change]));
}

/** For the model. It does not quote the server: those words may be what the change is there to smuggle in. */
function refusalOf({ server, kind, parts }: ToolChange): string {
  if (kind === "removed") return `the server ${server} no longer offers it. Go on without it, and say so.`;
  return (
    `its definition at the server ${server} (${parts.join(", ")}) has changed since it was accepted. ` +
    "A person must look at the change first. Go on without it, and say so."
  );
}

/** A list that changes while its pages are read may name a tool twice; two different ones of a name can't be told apart. */
function byName(server: string, tools: readonly McpDefinition[]): ReadonlyMap<string, McpDefinition> {
  const found = new Map<string, McpDefinition>();
  for (const tool of tools) {
    if (changeOf(server, found.get(tool.name) ?? tool, tool) !== undefined)
      throw new McpError(
        server,
        `The server ${server} offers two different tools by the name ${quotedName(tool.name)}.`,
      );
    found.set(tool.name, tool);
  }
  return found;
}
