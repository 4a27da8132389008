/**
 * A message or a result with each of its blocks changed, those that results and documents hold among them, the inner ones first; the very
 * same where nothing was changed.
 */
export function mapContent<Holder extends { readonly content?: unknown }>(
  holder: Holder,
  change: (block: unknown) => unknown,
): Holder {
  if (!Array.isArray(holder.content)) return holder;
  const content = mapBlocks(holder.content as readonly unknown[], change);
  return content === holder.content ? holder : { ...holder, content };
}

/** The same of a list. */
export function mapBlocks<Block>(
  blocks: readonly Block[],
  change: (block: Block) => Block,
): readonly Block[] {
  const changed = blocks.map((block) => change(mapWithin(block, change)));
  return changed.every((block, index) => block === blocks[index]) ? blocks : changed;
}

/** What the API's own tools have found goes back word for word. */
function mapWithin<Block>(block: Block, change: (block: Block) => Block): Block {
  const { type, source } = (block ?? {}) as { readonly type?: unknown; readonly source?: Holder | null };
  const changeInner = change as (block: unknown) => unknown;
  if (type === "tool_result") return mapContent(block as Holder, changeInner) as Block;
  if (type !== "document" || typeof source !== "object" || source === null) return block;
  const changed = mapContent(source, changeInner);
  return changed === source ? block : { ...block, source: changed };
}

interface Holder {
  readonly content?: unknown;
}
