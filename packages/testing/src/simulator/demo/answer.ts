import { isRecord } from "../json-schema/schema.js";
import { advise } from "./advice.js";
import type { PastCall, Turn } from "./conversation.js";
import { isoDate } from "./dates.js";
import type { Finding } from "./finding.js";
import { type Report, report } from "./phrases.js";
import type { Plan } from "./plan.js";
import type { Question } from "./question.js";
import { placesOf } from "./subjects.js";
import { type KnownTool, takesPlaces } from "./tools.js";
import { beginning } from "./words.js";

/** Every answer ends with it: nobody shall take a simulation for Claude. */
const disclosure = "(Simulated reply: no language model was asked.)";

/** All that an answer is made of. */
export interface Story {
  readonly question: Question;
  readonly turn: Turn;
  readonly plan: Plan;
  readonly tools: readonly KnownTool[];
  /** False where the request says that no tool may be called. */
  readonly mayCall: boolean;
}

/** A successful call, what it was about and what it said. */
interface Told {
  readonly call: PastCall;
  readonly subject: string | undefined;
}

/** Puts an answer together out of what the tools said, and says plainly what could not be found out. Pure. */
export function composeAnswer(story: Story): string {
  const told = callsToTell(story).map((call): Told => ({ call, subject: subjectOf(call, story) }));
  const paragraphs = told.map((each) => paragraph(each, told, askedDays(story.question)));
  const notes = paragraphs.flatMap((each) => each.notes);
  const lines = [
    ...advise(story.question, findings(told, story.question)),
    // Two tools may know the same: it is told once.
    ...new Map(paragraphs.map(({ key, text }) => [key, text])).values(),
    ...failures(story),
    ...(told.length === 0 ? unanswered(story) : gaps(story)),
    ...[...new Set(notes)].map((note) => `Note: ${sentence(note)}`),
  ];
  return [...lines, disclosure].join("\n");
}

/** The calls whose results answer the question; of the ones that only led there nothing is said. */
function callsToTell({ turn, plan }: Story): PastCall[] {
  const successful = turn.calls.filter(({ result }) => result && !result.isError);
  const answering = successful.filter(({ name }) => plan.targets.some((tool) => tool.name === name));
  return answering.length > 0 ? answering : successful;
}

function paragraph(
  { call, subject }: Told,
  all: readonly Told[],
  days: readonly string[],
): { key: string; text: string; notes: readonly string[] } {
  const isRepeated = all.filter((other) => other.subject === subject).length > 1;
  const byTool = `${call.name}${argumentsOf(call.input)}`;
  const heading = subject === undefined ? byTool : isRepeated ? `${subject} (${call.name})` : subject;
  const { phrases, items, notes }: Report = report(call.result?.value, subject ?? "", days);
  const facts = phrases.length === 0 && items.length === 0 ? ["no details"] : phrases;
  const first = facts.length > 0 ? ` ${sentence(facts.join(", "))}` : "";
  const said = [first, ...items.map((item) => `- ${item}`)].join("\n");
  return { key: `${subject ?? byTool} ${said}`, text: `${heading}:${said}`, notes };
}

function argumentsOf(input: unknown): string {
  const values = Object.values(isRecord(input) ? input : {}).filter((value) =>
    ["string", "number"].includes(typeof value),
  );
  return values.length === 0 ? "" : ` (${values.join(", ")})`;
}

/** The places that a call was for, in words. */
function subjectOf(call: PastCall, { tools, turn, question }: Story): string | undefined {
  const tool = tools.find(({ name }) => name === call.name);
  const places = tool && takesPlaces(tool) ? placesOf(call, turn, question) : [];
  return places.length === 0 ? undefined : places.map(({ name }) => name).join(" and ");
}

function findings(told: readonly Told[], question: Question): Finding[] {
  const bySubject = new Map<string, unknown[]>();
  for (const { call, subject } of told) {
    if (subject !== undefined)
      bySubject.set(subject, [...(bySubject.get(subject) ?? []), call.result?.value]);
  }
  const days = askedDays(question);
  return [...bySubject].map(([subject, values]) => ({ subject, values, days }));
}

function askedDays({ span, now }: Question): string[] {
  if (!span) return [];
  return Array.from({ length: Math.min(span.days, 31) }, (_, index) => isoDate(now, span.offset + index));
}

/** Failures that a later call of the same tool for the same subject did not make good; of several the last. */
function failures(story: Story): string[] {
  const last = new Map<string, { call: PastCall; subject: string | undefined }>();
  for (const call of story.turn.calls) {
    const subject = subjectOf(call, story);
    const key = `${call.name} ${subject ?? ""}`;
    if (call.result?.isError) last.set(key, { call, subject });
    else last.delete(key);
  }
  return [...last.values()].map(({ call, subject }) => {
    const reason = beginning(call.result?.text.trim() ?? "", 400) || "it gave no reason";
    return `I could not find out more${subject ? ` about ${subject}` : ""}: ${call.name} failed: ${sentence(reason)}`;
  });
}

function gaps({ plan, turn }: Story): string[] {
  // After a failure it is clear why there is nothing to go on with.
  if (turn.calls.some(({ result }) => result?.isError === true)) return [];
  const lines = plan.gaps.map(
    ({ tool, parameters }) => `I can't ask ${tool} without knowing: ${parameters.join(", ")}.`,
  );
  return [...new Set(lines)];
}

function unanswered(story: Story): string[] {
  const { question, turn, tools, mayCall, plan } = story;
  const asked = question.text.trim();
  if (asked === "") return ["There is no text in what you sent, and text is all that I can read."];
  if (!mayCall)
    return [`I was told to use no tools, and I know nothing by myself, so I can't answer: ${asked}`];
  if (plan.gaps.length > 0) return gaps(story);
  if (turn.calls.length > 0) return [];
  if (tools.length === 0)
    return [`I have no tools, and I know nothing by myself, so I can't answer: ${asked}`];
  return [
    `None of my tools fits this, so I can't answer it. I have: ${tools.map(({ name }) => name).join(", ")}.`,
  ];
}

function sentence(text: string): string {
  return /[.!?…)]$/u.test(text) ? text : `${text}.`;
}
