import { changeOf, type ToolChange } from "./changes.js";
import { canonical, hashOf, type McpDefinition } from "./definition.js";
import { McpError } from "./errors.js";
import { type Pins, readPins, type ServerPins, writePins } from "./pins.js";

export interface ReviewOptions {
  /**
   * Where definitions are kept, to compare them the next time: a path to a JSON file, or a map. What a server offers when it is first
   * seen is pinned as it is. Default: they are compared only for as long as the tools live.
   */
  readonly pins?: Pins;
  /**
   * Asked about each tool that is new or not what it was pinned as. Yes pins it as it is now; otherwise a new one is left out, and a
   * changed one keeps its old definition and refuses every call. Default: no.
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
  /** Why a tool may not be called, if it may not. */
  refusal(tool: string): string | undefined;
}

interface Decided {
  readonly shown: ReadonlyMap<string, McpDefinition>;
  readonly changes: readonly ToolChange[];
}

export function createReview(server: string, { pins, accept = () => false }: ReviewOptions): Review {
  let decided: Decided | undefined;
  let changedNow: ReadonlyMap<string, ToolChange> = new Map();

  const decide = async (offered: ReadonlyMap<string, McpDefinition>): Promise<Decided> => {
    const known = pins === undefined ? undefined : await readPins(pins, server);
    if (pins === undefined || known === undefined) {
      if (pins !== undefined) await writePins(pins, server, await pinned(offered));
      return { shown: offered, changes: [] };
    }
    const before = new Map(Object.entries(known).map(([tool, { definition }]) => [tool, definition]));
    const shown = new Map<string, McpDefinition>();
    const changes: ToolChange[] = [];
    for (const tool of new Set([...before.keys(), ...offered.keys()])) {
      const change = changeOf(server, before.get(tool), offered.get(tool));
      const isAccepted =
        change === undefined || (change.kind !== "removed" && (await accept(change)) === true);
      if (!isAccepted) changes.push(change);
      const definition = isAccepted ? offered.get(tool) : before.get(tool);
      if (definition !== undefined && change?.kind !== "removed") shown.set(tool, definition);
    }
    const now = { ...known, ...(await pinned(shown)) };
    // Only then: the file may be one that this machine can't write, e.g. where it is part of a repository.
    if (canonical(now) !== canonical(known)) await writePins(pins, server, now);
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
function refusalOf({ server, tool, kind, parts }: ToolChange): string {
  if (kind === "removed") return `The server ${server} no longer offers ${tool}. It was not called.`;
  return (
    `${tool} was not called: its definition at the server ${server} (${parts.join(", ")}) has changed since it was accepted. ` +
    "A person must look at the change first. Go on without it, and say so."
  );
}

async function pinned(tools: ReadonlyMap<string, McpDefinition>): Promise<ServerPins> {
  const pins = [...tools].map(async ([tool, definition]) => [
    tool,
    { hash: await hashOf(definition), definition },
  ]);
  return Object.fromEntries(await Promise.all(pins)) as ServerPins;
}

/** A list that changes while its pages are read may name a tool twice; two different ones of a name can't be told apart. */
function byName(server: string, tools: readonly McpDefinition[]): ReadonlyMap<string, McpDefinition> {
  const found = new Map<string, McpDefinition>();
  for (const tool of tools) {
    if (changeOf(server, found.get(tool.name) ?? tool, tool) !== undefined)
      throw new McpError(
        server,
        `The server ${server} offers two different tools by the name ${JSON.stringify(tool.name)}.`,
      );
    found.set(tool.name, tool);
  }
  return found;
}
