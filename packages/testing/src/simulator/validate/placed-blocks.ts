import { blocksOf, messagesOf } from "./messages.js";
import type { Fields } from "./rule.js";

/** A block, and where it stands. */
export interface PlacedBlock {
  readonly block: Fields;
  /** As an error names the block. */
  readonly path: string;
  /** As an error's details name it: without the types of the blocks around it. */
  readonly position: string;
}

/** Every block of a type in what is said, those inside tool results and documents too. What the API's own tools found is not looked into. */
export function blocksOfType(request: Fields, type: string): readonly PlacedBlock[] {
  return messagesOf(request).flatMap((message, index) =>
    blocksOf(message).flatMap((block, position) => {
      const path = `messages.${index}.content.${position}`;
      return within(block, path, path, type);
    }),
  );
}

function within(block: Fields, path: string, position: string, type: string): readonly PlacedBlock[] {
  const own = block.type === type ? [{ block, path, position }] : [];
  const inner =
    block.type === "tool_result"
      ? inside(block.content, `${path}.tool_result.content`, `${position}.content`, type)
      : block.type === "document"
        ? inside(
            (block.source as Fields).content,
            `${path}.document.source.content.content`,
            `${position}.source.content`,
            type,
          )
        : [];
  return [...own, ...inner];
}

function inside(content: unknown, path: string, position: string, type: string): readonly PlacedBlock[] {
  if (!Array.isArray(content)) return [];
  return (content as Fields[]).flatMap((block, index) =>
    within(block, `${path}.${index}`, `${position}.${index}`, type),
  );
}
