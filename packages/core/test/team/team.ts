import {
  type Agent,
  type AgentEvent,
  type Claude,
  memoryStore,
  type Result,
  type Store,
  type Tool,
} from "@lockstitch/core";
import { type ScriptedReply, scripted, toolUse } from "@lockstitch/testing";
import { readLog } from "../crash.js";
import { handTool, virtualTime } from "../helpers.js";

const usage = { input_tokens: 1_000_000, output_tokens: 0 };
const model = "claude-haiku-4-5";

/** An agent that `mindsOf` knows by its name. */
export function member(name: string, tools: readonly Tool[] = [], more: Partial<Agent> = {}): Agent {
  return { name, model, system: name, cache: false, tools, ...more };
}

/** Has agents work at once, and gives what all of them say. */
export function asking(name: string, agents: readonly Agent[], more: Partial<Tool> = {}): Tool {
  const ask: Tool["run"] = async (_input, call) => {
    const results = await Promise.all(agents.map((agent) => call.run(agent, "Go.")));
    return results.map(({ text }) => text).join(" and ");
  };
  return handTool(name, ask, { effects: "idempotent", ...more });
}

/** A tool that asks a person, and the inputs that it ran with. */
export function paying(): { readonly pay: Tool; readonly paid: unknown[] } {
  const paid: unknown[] = [];
  const work: Tool["run"] = (input) => {
    paid.push(input);
    return "paid";
  };
  return { paid, pay: handTool("pay", work, { effects: "once", needsApproval: true }) };
}

export const calls = (...names: readonly string[]): ScriptedReply => ({
  content: names.map((name) => toolUse(name, {}, `toolu_${name}`)),
  usage,
});
export const says = (content: string): ScriptedReply => ({ content, usage });

/** What each agent says, by its name and how often it has spoken in the history: the same request always has the same answer. */
export function mindsOf(
  replies: Readonly<Record<string, readonly ScriptedReply[]>>,
): Claude & { readonly asked: string[] } {
  const asked: string[] = [];
  const claude: Claude = async (request, call) => {
    const who = String(request.system);
    asked.push(who);
    const spoken = request.messages.filter(({ role }) => role === "assistant").length;
    const reply = replies[who]?.[spoken];
    if (reply === undefined) throw new Error(`${who} has nothing to say the ${spoken + 1}th time`);
    return scripted([reply])(request, call);
  };
  return Object.assign(claude, { asked });
}

/** A lead whose assistant needs a yes before it pays, all in one store. */
export function team(more: Partial<Tool> = {}, limits: Agent["limits"] = {}) {
  const { pay, paid } = paying();
  const clerk = member("clerk", [pay]);
  const lead = member("lead", [asking("ask", [clerk], more)], { limits });
  const claude = mindsOf({
    lead: [calls("ask"), says("Done."), says("Done again.")],
    clerk: [calls("pay"), says("Paid, as you said."), says("And?")],
  });
  const store = memoryStore();
  return { lead, clerk, claude, store, paid, options: { claude, store, environment: virtualTime() } };
}

export const below = "s:toolu_ask";
/** What the clerk waits for. */
export const wanted = { session: below, toolUseId: "toolu_pay", tool: "pay", input: {} };

export async function typesIn(store: Store, session = "s"): Promise<readonly AgentEvent["type"][]> {
  return (await readLog(store, session)).map(({ type }) => type);
}

/** A session's log again, in a store that has others already. */
export async function refill(store: Store, session: string, events: readonly AgentEvent[]): Promise<void> {
  const log = await store.open(session, "the one who died");
  await log.append(events.map(({ session: _session, seq: _seq, at: _at, ...body }) => body));
  await log.close();
}

/** A store that tells what was committed or posted, in whichever session, in order. */
export function listening(commits: AgentEvent[][]): Store {
  const inner = memoryStore();
  const last = new Map<string, number>();
  const open: Store["open"] = async (session, owner) => {
    const log = await inner.open(session, owner);
    const append: typeof log.append = async (...given) => {
      const events = await log.append(...given);
      // Who opens a log is first given all that is in it.
      const news = events.filter(({ seq }) => seq > (last.get(session) ?? 0));
      last.set(session, events.at(-1)?.seq ?? last.get(session) ?? 0);
      if (news.length > 0) commits.push(news);
      return events;
    };
    return { ...log, append };
  };
  return { ...inner, open };
}

/** What the model was told of the calls, in order. */
export function resultsOf({ messages }: Pick<Result, "messages">): readonly unknown[] {
  return messages.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap((block) => (block.type === "tool_result" ? [block.content] : [])),
  );
}
