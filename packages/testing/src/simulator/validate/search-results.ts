import { blocksOfType } from "./placed-blocks.js";
import { type Fields, firstRefusal, type Rule } from "./rule.js";

/** https://platform.claude.com/docs/en/build-with-claude/search-results#mixing-with-other-content-types: beside a person's words anything goes. */
export const searchResultsAreByThemselves: Rule = (request) =>
  firstRefusal(
    blocksOfType(request, "tool_result").map(({ block, path }) => {
      const types = Array.isArray(block.content) ? (block.content as Fields[]).map(({ type }) => type) : [];
      const other = types.findIndex((type) => type !== "search_result");
      return other !== -1 && types.includes("search_result")
        ? `${path}.tool_result.content.${other}: if any block of a \`tool_result\` is a \`search_result\`, all of its blocks must be \`search_result\``
        : undefined;
    }),
  );
