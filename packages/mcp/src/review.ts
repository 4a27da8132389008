import { messageOf } from "@lockstitch/core";
import { changeOf, type ToolChange } from "./changes.js";
import type { McpDefinition } from "./definition.js";
import { McpError } from "./errors.js";
import { inOrder, quotedName } from "./names.js";
import { type Pins, pinAnew, pinnedBy } from "./pins.js";

export interface ReviewOptions {
  /**
   * Where definitions are kept, to compare them the next time: a path to a JSON file, or a map. What a server offers when it is first
   * seen is pinned as it is. Default: they are compared only for as long as the tools live.
   */
  readonly pins?: Pins;
  /**
   * Asked about each tool that is new, gone, or not what it was pinned as. Yes pins it as it is now, and drops the pin of one that is
   * gone. Otherwise a new one is left out, and one that is changed or gone keeps its old definition and refuses every call. What it
   * throws is thrown on, and nothing is pinned. Default: no.
   */
  readonly accept?: (change: ToolChange) => boolean | Promise<boolean>;
}

/** Compares what a server offers with what it offered before. */
export interface Review {
  /** Looks at a list of the server's tools. The first decides which tools there are, later ones only which may still be called. */
  look(tools: readonly McpDefinition[]): Promise<void>;
  /** The definitions that the model is shown, in the order of their names: a session's tools must not change with the server's mood. */
  definitions(): readonly McpDefinition[];
  /** What was not accepted, and what is gone, by now. */
  changes(): readonly ToolChange[];
  /** Why a tool may not be called, if it may not, as the rest of a sentence. */
  refusal(tool: string): string | undefined;
}

type Definitions = ReadonlyMap<string, McpDefinition>;

/** Made once, at the first look. */
interface Decided {
  readonly shown: Definitions;
  /** New tools that were not accepted. */
  readonly leftOut: readonly string[];
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

  const decide = async (offered: Definitions): Promise<Decided> => {
    if (pins === undefined) return { shown: offered, leftOut: [] };
    const before = await pinnedBy(pins, server, offered);
    const shown = new Map<string, McpDefinition>();
    const accepted = new Map<string, McpDefinition | undefined>();
    const leftOut: string[] = [];
    for (const tool of namesIn(before, offered)) {
      const [was, is] = [before.get(tool), offered.get(tool)];
      const change = changeOf(server, was, is);
      const isNew = change !== undefined && (await isAccepted(change));
      if (isNew) accepted.set(tool, is);
      // As it was pinned, where nothing changed: a server may list its fields in another order each time. One that is gone, too: it may
      // be back the next time, and its sessions begin with it.
      const definition = isNew ? is : was;
      if (definition !== undefined) shown.set(tool, definition);
      else if (!isNew) leftOut.push(tool);
    }
    if (accepted.size > 0) await pinAnew(pins, server, accepted);
    return { shown, leftOut };
  };

  return {
    look: async (tools) => {
      const offered = byName(server, tools);
      decided ??= await decide(offered);
      changedNow = changesSince(server, decided, offered);
    },
    definitions: () => [...(decided?.shown.values() ?? [])],
    changes: () => [...changedNow.values()],
    refusal: (tool) => {
      const change = changedNow.get(tool);
      return change === undefined ? undefined : refusalOf(change);
    },
  };
}

function namesIn(...definitions: readonly Definitions[]): readonly string[] {
  return [...new Set(definitions.flatMap((some) => [...some.keys()]))].sort(inOrder);
}

function changesSince(
  server: string,
  { shown, leftOut }: Decided,
  offered: Definitions,
): ReadonlyMap<string, ToolChange> {
  const changes = [...shown.keys(), ...leftOut]
    .sort(inOrder)
    .flatMap((tool) => changeOf(server, shown.get(tool), offered.get(tool)) ?? []);
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
function byName(server: string, tools: readonly McpDefinition[]): Definitions {
  const found = new Map<string, McpDefinition>();
  for (const tool of tools) {
    if (changeOf(server, found.get(tool.name) ?? tool, tool) !== undefined)
      throw new McpError(
        server,
        `The server ${server} offers two different tools by the name ${quotedName(tool.name)}, and nobody can tell which of them a call would be of. Have it give one of them another name.`,
      );
    found.set(tool.name, tool);
  }
  return new Map([...found].sort(([one], [other]) => inOrder(one, other)));
}
