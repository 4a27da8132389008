import { chooseTools } from "./choose.js";
import { type Question, understand } from "./question.js";
import { type KnownTool, takesPlaces, vocabularyOf } from "./tools.js";

/** A part of a question and the tools it asks for. */
export interface Part {
  readonly question: Question;
  readonly targets: readonly KnownTool[];
}

const openings =
  "what|who|where|when|how|which|is|are|will|show|tell|list|give|find|search|look|add|send|email|remind|convert|calculate|compute|book|create|delete|translate";

/** Where one request may end and the next begin. */
const seams = new RegExp(
  String.raw`(?<=[?.!;])\s+|,\s*(?:(?:and|then)\s+)*(?=(?:${openings})\b)|\s+(?:and|then)\s+(?=(?:${openings})\b)`,
  "i",
);

/** A question in parts that ask for different tools; the whole of it if they don't, or if a part makes no sense alone. */
export function partsOf(tools: readonly KnownTool[], question: Question): Part[] {
  const whole: Part = { question, targets: chooseTools(tools, question) };
  const texts = question.text.split(seams).filter((text) => text.trim() !== "");
  if (texts.length < 2) return [whole];
  const vocabulary = vocabularyOf(tools);
  const parts: Part[] = [];
  for (const text of texts) {
    const said = understand(text, vocabulary, question.now);
    // "... and what should I wear there?" is about the day and the place of the part before.
    const before = parts.at(-1)?.question;
    const span = said.span ?? before?.span;
    const part = { ...said, ...(span && { span }) };
    const targets = chooseTools(tools, part);
    if (targets.length === 0) return [whole];
    const places = part.places.length > 0 ? part.places : (before?.places ?? []);
    parts.push({ question: targets.some(takesPlaces) ? { ...part, places } : part, targets });
  }
  const kinds = new Set(parts.map(({ targets }) => targets[0]?.name));
  return kinds.size > 1 ? parts : [whole];
}
