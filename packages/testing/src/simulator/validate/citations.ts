import { blocksOfType } from "./placed-blocks.js";
import { type Fields, firstRefusal, isFields, type Rule } from "./rule.js";
import { toolsOf } from "./tools.js";

/** What can be cited, and the word for more than one of it. */
const citable = { document: "documents", search_result: "search results" } as const;
type Citable = keyof typeof citable;
const kinds = Object.keys(citable) as Citable[];

function cites({ citations }: Fields): boolean {
  return isFields(citations) && citations.enabled === true;
}

/**
 * A text that must keep to a grammar has no room for citations:
 * https://platform.claude.com/docs/en/build-with-claude/citations#feature-compatibility. Those of the API's own tools are not meant.
 */
export const formatHasNoCitations: Rule = (request) => {
  const place = placeOfFormat(request);
  const areCited = kinds.some((kind) => blocksOfType(request, kind).some(({ block }) => cites(block)));
  return place !== undefined && areCited
    ? `${place}: structured outputs cannot be used with citations`
    : undefined;
};

function placeOfFormat({ output_config, output_format }: Fields): string | undefined {
  if ((output_config as Fields | undefined | null)?.format) return "output_config.format";
  return output_format ? "output_format" : undefined;
}

/**
 * https://platform.claude.com/docs/en/build-with-claude/citations and
 * https://platform.claude.com/docs/en/build-with-claude/search-results#citation-control: each of the two by itself.
 */
export const citationsAreForAllOrNone: Rule = (request) =>
  firstRefusal(kinds.map((kind) => oddOne(request, kind)));

function oddOne(request: Fields, kind: Citable): string | undefined {
  const [first, ...others] = blocksOfType(request, kind);
  const odd = others.find(({ block }) => cites(block) !== cites(first?.block ?? {}));
  return (
    odd &&
    `${odd.path}.${kind}.citations: citations must be enabled on all or none of the ${citable[kind]} in a request`
  );
}

/** https://platform.claude.com/docs/en/build-with-claude/search-results#limitations */
export const searchResultsAreCitedBesideWebSearch: Rule = (request) => {
  if (!toolsOf(request).some(({ type }) => String(type).startsWith("web_search_"))) return undefined;
  const uncited = blocksOfType(request, "search_result").find(({ block }) => !cites(block));
  return (
    uncited &&
    `${uncited.path}.search_result.citations: citations must be enabled on all search results when the web search tool is enabled`
  );
};
