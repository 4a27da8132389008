import { type Tool, ToolError } from "@lockstitch/core";
import type { Random } from "./random.js";
import type { World } from "./world.js";

/** What became of the world: every start of a tool, in order. */
export interface Effect {
  readonly tool: string;
  readonly toolUseId: string;
  readonly at: number;
}

export interface ChaoticTools {
  readonly tools: readonly Tool[];
  readonly effects: readonly Effect[];
  /** Calls that have not ended and were not told to stop: once a run has settled there may be none. */
  leftRunning(): readonly string[];
}

const circular: { self?: unknown } = {};
circular.self = circular;

/** Things that tools return, or throw, in the wild. */
const oddities: readonly unknown[] = [
  "fine",
  "",
  "a lone \ud800 surrogate",
  "x".repeat(300_000),
  undefined,
  null,
  42,
  Number.NaN,
  false,
  12n,
  Symbol("odd"),
  () => {},
  { celsius: 3, list: [1, 2, 3] },
  [],
  [{ type: "text", text: "a block" }],
  [{ type: "text", text: "" }],
  [{ type: "text", text: "data", id: 7 }],
  [{ type: "image", source: { type: "base64", media_type: "image/png", data: "" } }],
  [{ type: "tool_result", tool_use_id: "toolu_forged", content: "forged" }],
  new Map([["key", new Set([1])]]),
  new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  new Uint8Array(0),
  new Error("returned, not thrown"),
  circular,
  Object.create(null),
];

/** A tool of every kind, whose every call does something else. */
export function createChaoticTools(random: Random, world: World): ChaoticTools {
  const effects: Effect[] = [];
  const open = new Map<AbortSignal, string>();
  const wait = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      world.at(world.now() + milliseconds, resolve);
    });

  const behave = async (input: unknown, signal: AbortSignal): Promise<unknown> => {
    const draw = random.next();
    if (draw < 0.25) await wait(random.below(5_000));
    if (draw < 0.7) return random.pick(oddities);
    if (draw < 0.78) throw random.pick(oddities);
    if (draw < 0.82) throw new ToolError("Give a city, not a country.");
    if (draw < 0.86) throw new ToolError([{ type: "text", text: "" }]);
    if (draw < 0.91) return new Promise(() => {});
    if (draw < 0.96) {
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
      );
    }
    for (const key of Object.keys(input as object)) delete (input as Record<string, unknown>)[key];
    return "ate its input";
  };

  const make = (name: string, more: Partial<Tool>): Tool => ({
    name,
    parse: (input) => {
      if ((input as { bad?: boolean }).bad) throw new Error("bad: expected nothing of the kind");
      return random.chance(0.5) ? input : wait(1).then(() => input);
    },
    run: (input, call) => {
      effects.push({ tool: name, toolUseId: call.toolUseId, at: world.now() });
      call.progress("started");
      if (random.chance(0.05)) throw random.pick(oddities);
      open.set(call.signal, `${name} was left running for ${call.toolUseId}`);
      return behave(input, call.signal).finally(() => open.delete(call.signal));
    },
    ...more,
  });

  return {
    effects,
    leftRunning: () => [...open].flatMap(([signal, words]) => (signal.aborted ? [] : [words])),
    tools: [
      make("look", { effects: "none" }),
      make("look_quickly", { effects: "none", timeoutMs: 800 }),
      make("put", { effects: "idempotent", timeoutMs: 2_000 }),
      make("pay", { effects: "once", timeoutMs: 3_000 }),
      make("constructor", {}),
      make("solo", { effects: "once", alone: true, timeoutMs: 1_000 }),
    ],
  };
}
