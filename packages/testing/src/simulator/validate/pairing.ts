import { blocksOf, messagesOf } from "./messages.js";
import { type Fields, firstRefusal, type Rule } from "./rule.js";

/** Every tool call is answered in the very next message, which begins with the results. */
export const callsAreAnswered: Rule = (request) => {
  const messages = messagesOf(request);
  return firstRefusal(messages.map((message, index) => unanswered(message, messages[index + 1], index)));
};

function unanswered(message: Fields, next: Fields | undefined, index: number): string | undefined {
  const blocks = blocksOf(next);
  const end = blocks.findIndex(({ type }) => type !== "tool_result");
  const answered = new Set(blocks.slice(0, end === -1 ? undefined : end).map((block) => block.tool_use_id));
  const missing = callIds(message).filter((id) => !answered.has(id));
  if (missing.length === 0) return undefined;
  return (
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ` +
    `${missing.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`
  );
}

/** Every result belongs to a call of the message before it, and no call has two. */
export const resultsBelongToCalls: Rule = (request) => {
  const messages = messagesOf(request);
  return firstRefusal(messages.map((message, index) => strayResult(message, messages[index - 1], index)));
};

function strayResult(message: Fields, previous: Fields | undefined, index: number): string | undefined {
  const calls = new Set<unknown>(callIds(previous));
  const seen = new Set<unknown>();
  for (const [position, block] of blocksOf(message).entries()) {
    if (block.type !== "tool_result") continue;
    const id = block.tool_use_id;
    const path = `messages.${index}.content.${position}`;
    if (!calls.has(id)) {
      return (
        `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(id)}. ` +
        "Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
      );
    }
    if (seen.has(id)) {
      return `${path}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${String(id)}`;
    }
    seen.add(id);
  }
  return undefined;
}

export const callIdsAreUnique: Rule = (request) => {
  const seen = new Set<unknown>();
  for (const [index, message] of messagesOf(request).entries()) {
    for (const [position, block] of blocksOf(message).entries()) {
      if (block.type !== "tool_use") continue;
      if (seen.has(block.id)) return `messages.${index}.content.${position}: \`tool_use\` ids must be unique`;
      seen.add(block.id);
    }
  }
  return undefined;
};

/** A member of a toolset is named with its set, in the call and in its result. */
export const toolsetsAreEchoed: Rule = (request) => {
  const messages = messagesOf(request);
  return firstRefusal(
    messages.flatMap((message, index) =>
      blocksOf(message).map((block, position) => {
        if (block.type !== "tool_result") return undefined;
        const call = blocksOf(messages[index - 1]).find(({ id }) => id === block.tool_use_id);
        const [asked, answered] = [call?.toolset_name ?? null, block.toolset_name ?? null];
        return asked === answered
          ? undefined
          : `messages.${index}.content.${position}.tool_result.toolset_name: must be that of its \`tool_use\` block, ` +
              `${JSON.stringify(asked)}`;
      }),
    ),
  );
};

function callIds(message: Fields | undefined): string[] {
  return blocksOf(message)
    .filter(({ type }) => type === "tool_use")
    .map(({ id }) => String(id));
}
