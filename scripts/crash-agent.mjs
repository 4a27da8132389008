// The agent that `npm run crash` kills: parallel tools, streamed replies with pauses, calls that start before the reply is over,
// tools of every kind of effect, and a call that waits for a person. What is said and called depends on the seed.
import { setTimeout as pause } from "node:timers/promises";
import { fileStore } from "@lockstitch/store";

// Damage at the end of a log is what kills leave behind: not worth a word here.
export const store = (directory) => fileStore(directory, { onRepair() {} });

// Its model goes by the steps alone, and has a last word for everything.
export const canBeSteered = true;

export function create({ seed, effects }) {
  return {
    agent: { name: "crash", tools: toolsWith(effects) },
    input: `Game ${seed}: look, put, pay, send and transfer.`,
    claude: modelOf(scriptOf(seed)),
  };
}

function toolsWith(effects) {
  const tool = (name, kind, more = {}) => ({
    name,
    effects: kind,
    parse: (input) => input,
    async run(input, call) {
      await pause(1);
      if (kind !== "none") await effects.perform(call, `${name} ${input.n}`);
      await pause(1);
      return `${name} ${input.n} is done`;
    },
    ...more,
  });
  const reconcile = async ({ n }, call) => {
    const { performed } = await effects.find(call);
    return performed ? { status: "done", output: `pay ${n} is done` } : { status: "not_done" };
  };
  return [
    tool("look", "none"),
    tool("put", "idempotent"),
    tool("pay", "once", { reconcile }),
    tool("send", "once"),
    tool("transfer", "once", { needsApproval: true }),
    tool("order", "once", { alone: true }),
  ];
}

/** The calls of each step. */
function scriptOf(seed) {
  const steps = [
    ["look", "look", "put", "pay"],
    ["send", "look", "transfer"],
    ["put", "put", "send", "order"],
  ];
  const shifted = steps.map((_, index) => steps[(index + seed) % steps.length]);
  return seed % 2 === 0 ? shifted : [...shifted, ["pay", "look"]];
}

/** Says the same to the same history, in whatever process. */
function modelOf(steps) {
  return async (request, { emit, signal }) => {
    const step = request.messages.filter(({ role }) => role === "assistant").length;
    const calls = (steps[step] ?? []).map((name, index) => ({
      type: "tool_use",
      id: `toolu_${step}_${index}`,
      name,
      input: { n: 10 * step + index },
    }));
    const text = calls.length > 0 ? `Step ${step}.` : `All done: ${resultsIn(request.messages).join("; ")}.`;
    const message = messageOf(request, step, [{ type: "text", text }, ...calls]);
    for (const event of streamOf(message)) {
      if (event.type === "content_block_stop") await pause(1, undefined, { signal });
      emit(event);
    }
    return message;
  };
}

/** Written out, where `streamEvents` of @lockstitch/testing would do: what isn't imported makes each of a thousand processes start sooner. */
function* streamOf({ content, ...message }) {
  yield { type: "message_start", message: { ...message, content: [], stop_reason: null } };
  for (const [index, block] of content.entries()) {
    const isText = block.type === "text";
    const head = isText ? { ...block, text: "" } : { ...block, input: {} };
    const words = (isText ? block.text : JSON.stringify(block.input)).match(/.{1,12}/gs);
    yield { type: "content_block_start", index, content_block: head };
    for (const word of words) {
      const delta = isText
        ? { type: "text_delta", text: word }
        : { type: "input_json_delta", partial_json: word };
      yield { type: "content_block_delta", index, delta };
    }
    yield { type: "content_block_stop", index, content_block: block };
  }
  yield { type: "message_delta", delta: { stop_reason: message.stop_reason }, usage: message.usage };
  yield { type: "message_stop" };
}

function resultsIn(messages) {
  return messages
    .flatMap(({ content }) => (typeof content === "string" ? [] : content))
    .flatMap((block) => (block.type === "tool_result" ? [block.content] : []));
}

function messageOf({ model }, step, content) {
  return {
    id: `msg_${step}`,
    type: "message",
    role: "assistant",
    model,
    content,
    container: null,
    stop_details: null,
    stop_reason: content.length > 1 ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 5 },
  };
}
