import type Anthropic from "@anthropic-ai/sdk";
import type { Claude, ModelRequest } from "@lockstitch/core";
import { refuseMessageRequest } from "../simulator/validate/validate.js";
import { streamEvents } from "../stream-events.js";
import { drawFault } from "./faults.js";
import type { Random } from "./random.js";
import type { World } from "./world.js";

export interface ChaoticModel {
  readonly claude: Claude;
  /** Every request as it would have gone over the wire. */
  readonly requests: readonly ModelRequest[];
  /** What the API would have refused, in its own words. */
  readonly refused: readonly string[];
  /** How many attempts were made to fail. */
  faults(): number;
  /** From here on nothing fails, and every reply ends its turn. */
  heal(): void;
  healed(): boolean;
}

/** A model that says anything, fails in every way, and takes only requests that the API would take. */
export function createChaoticModel(random: Random, world: World, toolNames: readonly string[]): ChaoticModel {
  const requests: ModelRequest[] = [];
  const refused: string[] = [];
  let healed = false;
  let faults = 0;
  let serial = 0;

  const claude: Claude = async (request, call) => {
    const body = JSON.parse(JSON.stringify(request)) as ModelRequest;
    requests.push(body);
    const why = refuseMessageRequest(body, { version: "2026-10-21", betas: [] });
    if (why !== undefined && !isContinuation(body)) refused.push(why);
    const fault = healed ? { type: "none" as const } : drawFault(random);
    if (fault.type !== "none") faults += 1;
    await world.environment.sleep(random.below(healed ? 10 : 3_000), call.signal);
    if (fault.type === "deaf") return deaf(world);
    if (fault.type === "refused") throw fault.error;
    const reply = healed ? healthyReply(body, ++serial) : drawReply(random, body, toolNames, ++serial);
    const events = [...streamEvents(reply)];
    const cutAt = fault.type === "broken" ? random.below(events.length) : events.length;
    for (const event of events.slice(0, cutAt)) {
      if (!healed && random.chance(0.1)) await world.environment.sleep(random.below(400), call.signal);
      call.emit(event);
    }
    if (fault.type === "broken") throw fault.error;
    return reply;
  };

  return {
    claude,
    requests,
    refused,
    faults: () => faults,
    healed: () => healed,
    heal: () => {
      healed = true;
    },
  };
}

/** Deaf to its signal, and given up in the end by what stands between it and the network. */
async function deaf(world: World): Promise<never> {
  await new Promise<void>((resolve) => {
    world.at(world.now() + 120_000, resolve);
  });
  throw new TypeError("given up long ago");
}

/** A turn that was paused is sent back as the last message. Only a stop reason tells, which a request doesn't carry. */
function isContinuation(request: ModelRequest): boolean {
  return request.messages.at(-1)?.role === "assistant";
}

function healthyReply(request: ModelRequest, serial: number): Anthropic.Message {
  const said: Anthropic.TextBlock = { type: "text", text: "All is well.", citations: null };
  return message(request, serial, [...foundFor(request), said], "end_turn");
}

function drawReply(
  random: Random,
  request: ModelRequest,
  toolNames: readonly string[],
  serial: number,
): Anthropic.Message {
  const content: Anthropic.ContentBlock[] = foundFor(request);
  for (let count = random.below(3); count > 0; count--) content.push(...drawBlocks(random));
  const calls = random.chance(0.65) ? 1 + random.below(4) : 0;
  for (let call = 0; call < calls; call++)
    content.push(drawCall(random, request, toolNames, `${serial}_${call}`));
  // While one of its own tools is at work, the API stops for nothing but a call or a pause.
  const waits = pendingIds(content).length > 0;
  const stopReason = waits ? (calls > 0 ? "tool_use" : "pause_turn") : drawStopReason(random, calls > 0);
  return message(request, serial, content, stopReason);
}

/** What the API's own tools, still at work when the turn was sent back, have found since. */
function foundFor(request: ModelRequest): Anthropic.ContentBlock[] {
  const { messages } = request;
  const start = messages.findLastIndex(
    ({ role, content }) =>
      role === "user" && (typeof content === "string" || content.some(({ type }) => type !== "tool_result")),
  );
  const turn = messages
    .slice(start + 1)
    .flatMap(({ content }) => (typeof content === "string" ? [] : (content as Anthropic.ContentBlock[])));
  return pendingIds(turn).map(found);
}

function found(id: string): Anthropic.ContentBlock {
  return {
    type: "web_search_tool_result",
    tool_use_id: id,
    content: [],
  } as unknown as Anthropic.ContentBlock;
}

function pendingIds(blocks: readonly Anthropic.ContentBlock[]): string[] {
  const answered = new Set(blocks.map((block) => "tool_use_id" in block && block.tool_use_id));
  return blocks.flatMap((block) =>
    block.type === "server_tool_use" && !answered.has(block.id) ? [block.id] : [],
  );
}

/** A block, or one of the API's own calls with what it found, or without if it is still at work. */
function drawBlocks(random: Random): Anthropic.ContentBlock[] {
  const block = drawBlock(random);
  return block.type === "server_tool_use" && random.chance(0.5) ? [block, found(block.id)] : [block];
}

function drawBlock(random: Random): Anthropic.ContentBlock {
  return random.pick<unknown>([
    { type: "text", text: "Let me see." },
    { type: "text", text: "" },
    { type: "text", text: " " },
    { type: "thinking", thinking: "Hm.", signature: "c2lnbmVk" },
    { type: "thinking", thinking: "", signature: "c2lnbmVk" },
    {
      type: "server_tool_use",
      id: `srvtoolu_${random.below(1_000_000)}`,
      name: "web_search",
      input: { query: "weather" },
    },
    { type: "a_block_of_tomorrow", data: { any: ["thing"] } },
  ]) as Anthropic.ContentBlock;
}

function drawCall(
  random: Random,
  request: ModelRequest,
  toolNames: readonly string[],
  serial: string,
): Anthropic.ContentBlock {
  const names = random.chance(0.1) ? ["no_such_tool", "toString", "__proto__", "not a name!", ""] : toolNames;
  const inputs = [
    {},
    { city: "Oslo" },
    { city: "Oslo", nested: { list: [1, { a: null }] } },
    { bad: true },
    { INVALID_JSON: '{"city": "Os' },
  ];
  const odd = random.chance(0.06) ? random.pick<unknown>([null, [], "text", 7]) : undefined;
  return {
    type: "tool_use",
    id: random.chance(0.1) ? repeatedId(random, request) : `toolu_${serial}`,
    name: random.pick(names),
    input: odd === undefined ? random.pick(inputs) : odd,
  } as Anthropic.ToolUseBlock;
}

function repeatedId(random: Random, request: ModelRequest): string {
  const ids = request.messages.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap((block) => (block.type === "tool_use" ? [block.id] : [])),
  );
  return random.pick(["toolu_again", "", "an id!", ...ids]);
}

function drawStopReason(random: Random, hasCalls: boolean): string {
  if (random.chance(0.8)) return hasCalls ? "tool_use" : "end_turn";
  return random.pick([
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
    "new",
  ]);
}

function message(
  request: ModelRequest,
  serial: number,
  content: Anthropic.ContentBlock[],
  stopReason: string,
): Anthropic.Message {
  return {
    id: `msg_${serial}`,
    type: "message",
    role: "assistant",
    model: request.model,
    content,
    stop_reason: stopReason,
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 10 },
  } as unknown as Anthropic.Message;
}
