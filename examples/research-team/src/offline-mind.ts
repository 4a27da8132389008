import type { Mind } from "@lockstitch/testing";

const topics = ["passengers", "streets", "costs"];

/** Stands in for Claude where there is no key: it plays the lead and the researchers, and can do nothing but this. */
export const offlineMind: Mind = ({ system, messages }) => {
  const results = messages.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap((block) => (block.type === "tool_result" ? [wordsIn(block.content)] : [])),
  );
  const question = wordsIn(messages[0]?.content);
  return wordsIn(system).startsWith("You lead") ? leads(results) : researches(question, results);
};

function leads(results: readonly string[]) {
  if (results.length > 0) return `(Simulated.) ${results.join(" ")}`;
  return {
    content: topics.map((topic) => ({ type: "tool_use" as const, name: "research", input: { topic } })),
  };
}

function researches(question: string, results: readonly string[]) {
  const [notes, report] = results;
  const topic = topics.find((word) => question.includes(word)) ?? "";
  if (notes === undefined)
    return { content: [{ type: "tool_use" as const, name: "read_notes", input: { topic } }] };
  const offer = /"(.+)", (\d+) dollars/.exec(notes);
  if (offer === null) return notes.slice(notes.indexOf(":") + 2);
  if (report === undefined) {
    const input = { title: offer[1], usd: Number(offer[2]) };
    return { content: [{ type: "tool_use" as const, name: "buy_report", input }] };
  }
  return report.startsWith("Denied") ? "What it costs is in a report that was not bought." : report;
}

/** The text of a content, or of a system prompt. */
function wordsIn(content: string | readonly object[] | undefined): string {
  if (content === undefined || typeof content === "string") return content ?? "";
  return content.map((block) => ("text" in block ? String(block.text) : "")).join("");
}
