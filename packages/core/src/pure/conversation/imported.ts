import type Anthropic from "@anthropic-ai/sdk";
import { blocksOf, isServerToolUse, openTurn, referencesOf, unansweredServerTools } from "./history.js";

type Messages = readonly Anthropic.MessageParam[];

/**
 * The first thing that the API would refuse about the assistant's part in a conversation that is given as an input, in words that go on
 * from the place. In a session's own history none of it can be: there, replies are sealed as they come.
 */
export function importedProblem(said: Messages): string | undefined {
  const calls = new Set<string>();
  const answered = new Set<string>();
  for (const [index, message] of said.entries()) {
    if (message.role !== "assistant") continue;
    const blocks = blocksOf(message);
    if (blocks.at(-1)?.type.endsWith("thinking") === true)
      return `messages.${index}: an assistant's message can't end with a thought. Leave it out.`;
    for (const [at, block] of blocks.entries()) {
      const place = `messages.${index}.content.${at}`;
      const unknown = referencesOf(block).find((id) => !calls.has(id));
      if (unknown !== undefined)
        return `${place}: it belongs to ${unknown}, and no call of that id comes before it. Bring the call along, or leave it out.`;
      if ("tool_use_id" in block) {
        if (answered.has(block.tool_use_id))
          return `${place}: ${block.tool_use_id} is answered twice. Leave one of the two out.`;
        answered.add(block.tool_use_id);
      }
      if (!isServerToolUse(block)) continue;
      if (calls.has(block.id)) return `${place}: the id ${block.id} is used twice. Leave one of the two out.`;
      calls.add(block.id);
    }
  }
  return openProblem(said);
}

function openProblem(said: Messages): string | undefined {
  const turn = openTurn(said);
  const abandoned = unansweredServerTools(said.slice(0, said.length - turn.length).flatMap(blocksOf))[0];
  if (abandoned !== undefined)
    return `nothing in it answers ${abandoned}, a call of the API's own tools. Leave the call out, or bring its result along.`;
  const open = new Set(unansweredServerTools(turn.flatMap(blocksOf)));
  const waiting = turn
    .flatMap(blocksOf)
    .flatMap(referencesOf)
    .find((id) => open.has(id));
  return waiting === undefined
    ? undefined
    : `the code of ${waiting} still waits for its calls, and only the session that it runs in can go on with it: resume() that one.`;
}
