import type Anthropic from "@anthropic-ai/sdk";
import { oncePerFrozen } from "../../freeze.js";
import type { ToolDefinition } from "../../tool-definition.js";

type Message = Anthropic.MessageParam;
type Citable = Anthropic.DocumentBlockParam | Anthropic.SearchResultBlockParam;

/** Whether the documents, and the search results, of a conversation are cited; of a kind that it doesn't hold nothing is said. */
type Cited = Readonly<Partial<Record<Citable["type"], boolean>>>;

/** Whether a request asks for an output of a form. `output_format` is the older name of its field. */
export function hasFormat(request: {
  readonly output_config?: { readonly format?: unknown } | null;
  readonly output_format?: unknown;
}): boolean {
  return (request.output_config?.format ?? request.output_format ?? undefined) !== undefined;
}

/** A block of a tool's result without citations, which a request with an output format can't hold; search results are texts then. */
export function uncited<Block>(block: Block): Block {
  if (!isCitable(block)) return block;
  if (block.type === "search_result") return inWords(block);
  const { citations: _, ...rest } = block as Anthropic.DocumentBlockParam;
  return rest as Block;
}

/** A search result as the text that it holds; all else as it is. */
export function inWords<Block>(block: Block): Block {
  if ((block as { readonly type?: unknown }).type !== "search_result") return block;
  const { title, source, content } = block as unknown as Anthropic.SearchResultBlockParam;
  const text = [title, source, ...content.map((part) => part.text)].join("\n");
  return { type: "text", text } as Block;
}

/** What of a request bears on the citations in it. */
export interface CitingRequest {
  readonly tools: readonly ToolDefinition[];
  /** It asks for an output of a form. */
  readonly hasFormat: boolean;
}

/**
 * Why the API would refuse documents or search results of what is said, and what to do about it. A request cites all of a kind or none;
 * beside web search all search results; beside an output format nothing. Source: the API's documentation of citations, search results
 * and structured outputs.
 */
export function citationsProblem(
  held: readonly Message[],
  said: readonly Message[],
  { tools, hasFormat }: CitingRequest,
): string | undefined {
  if (hasFormat && hasWebSearch(tools) && [...held, ...said].some(hasSearchResult))
    return "the API wants search results cited beside web search, and nothing cited beside an output. Leave `output` or web search out, or give the search results as text";
  if (hasFormat && isCited(citedIn(said)))
    return "it has citations, and beside an output the API refuses them. Leave `output` out, or leave the citations out";
  if (hasFormat && isCited(citedIn(held)))
    return "its session holds documents or search results with citations, beside which the API refuses an output. Leave `output` out, or begin another session";
  const cited = citedBeside(held, tools);
  for (const block of said.flatMap(citablesIn)) {
    if (hasWebSearch(tools) && block.type === "search_result" && !cites(block))
      return "beside web search the API wants citations on all search results. Give them `citations: { enabled: true }`";
    cited[block.type] ??= cites(block);
    if (cited[block.type] !== cites(block))
      return `the API takes citations on all ${plurals[block.type]} of a conversation, or none. Give each \`citations: { enabled: true }\`, or none of them`;
  }
  return undefined;
}

/**
 * Takes blocks one after the other into a conversation that holds `held`, and cites documents and search results as those before them:
 * uneven, the API would refuse every later request of the session.
 */
export function evenCitations(
  held: readonly Message[],
  tools: readonly ToolDefinition[],
): <Block>(block: Block) => Block {
  const cited = citedBeside(held, tools);
  return (block) => {
    if (!isCitable(block)) return block;
    cited[block.type] ??= cites(block);
    const enabled = cited[block.type] === true;
    return cites(block) === enabled ? block : { ...block, citations: { enabled } };
  };
}

/** What the next of each kind must be, to be changed as kinds come in that were not there. */
function citedBeside(
  held: readonly Message[],
  tools: readonly ToolDefinition[],
): Partial<Record<Citable["type"], boolean>> {
  return { ...citedIn(held), ...(hasWebSearch(tools) ? { search_result: true } : {}) };
}

function hasSearchResult(message: Message): boolean {
  return firstCited(message).search_result !== undefined;
}

const plurals: Readonly<Record<Citable["type"], string>> = {
  document: "documents",
  search_result: "search results",
};

function isCited(cited: Cited): boolean {
  return cited.document === true || cited.search_result === true;
}

/** As the first of each kind is: those that are there are even, for each was made so as it came in, or behind other tools. */
function citedIn(messages: readonly Message[]): Cited {
  const kinds = Object.keys(plurals) as Citable["type"][];
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const first = messages.find((message) => firstCited(message)[kind] !== undefined);
      return first === undefined ? [] : [[kind, firstCited(first)[kind]]];
    }),
  );
}

const firstCited = oncePerFrozen((message: Message): Cited => {
  const blocks = citablesIn(message);
  return Object.fromEntries([...blocks].reverse().map((block) => [block.type, cites(block)]));
});

/** What a person or a tool gave: what the API's own tools bring counts for nothing. */
function citablesIn({ content }: Message): readonly Citable[] {
  if (typeof content === "string") return [];
  return content
    .flatMap((block): readonly unknown[] =>
      block.type === "tool_result" && Array.isArray(block.content) ? block.content : [block],
    )
    .filter(isCitable);
}

function isCitable(block: unknown): block is Citable {
  const { type } = (block ?? {}) as { readonly type?: unknown };
  return type === "document" || type === "search_result";
}

function cites({ citations }: Citable): boolean {
  return citations?.enabled === true;
}

function hasWebSearch(tools: readonly ToolDefinition[]): boolean {
  return tools.some(({ type }) => type?.startsWith("web_search_") === true);
}
