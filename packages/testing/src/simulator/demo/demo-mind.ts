import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import { isRecord } from "../json-schema/schema.js";
import type { ErrorReply, Mind, MindContext, Reply } from "../mind.js";
import { composeAnswer, type Story } from "./answer.js";
import { chooseTools } from "./choose.js";
import { readTurn, type Turn } from "./conversation.js";
import { fillWhole } from "./fill.js";
import { composeOutput, outputSchema } from "./output.js";
import { type NextCall, planCalls } from "./plan.js";
import { continued, type Question, understand } from "./question.js";
import { actionOf, contextOf, type KnownTool, knownTools, vocabularyOf } from "./tools.js";
import { enumeration } from "./words.js";

/**
 * A mind for demonstrations and for trying out an agent without a model. It works with the tools of any agent: it
 * picks them by the words that they share with the question, fills in their inputs from the question and from
 * earlier results, calls several at once where it can, and answers with what they said. It reads English only, it
 * knows nothing by itself, and each answer says that it is simulated (but one in a JSON format, which has no room).
 *
 * Pure: the same request on the same UTC day gives the same reply. A call's input is always valid against the schema
 * of its tool, and JSON against that of the format; no call is made twice in a turn; and every turn comes to an end.
 * Where the request wants JSON or a call of it and it can't make any, it answers with a 400 that says so.
 */
export const demoMind: Mind = (request: MessageCreateParams, { now }: Pick<MindContext, "now">): Reply => {
  const tools = knownTools(request);
  const turn = readTurn(request);
  const question = readQuestion(turn, tools, now);
  const callable = callableTools(tools, request.tool_choice);
  const plan = planCalls(callable, question, turn);
  const story: Story = { question, turn, plan, tools, mayCall: callable.length > 0 || tools.length === 0 };
  const calls = chosenCalls(request.tool_choice, callable, story);
  if (calls.length > 0)
    return { content: [{ type: "text", text: announcement(calls) }, ...calls.map(toBlock)] };
  if (insistsOnCall(request.tool_choice, turn)) return impossible("tool_choice", "a call of these tools");
  const schema = outputSchema(request);
  if (schema === undefined) return { content: [{ type: "text", text: composeAnswer(story) }] };
  const output = composeOutput(schema, question, turn);
  if (output === undefined) return impossible("output_config.format", "JSON of this schema");
  return { content: [{ type: "text", text: output }] };
};

/** Claude never answers so, but an answer in words, where the request has no room for any, would pass for Claude's. A 4xx is not tried again. */
function impossible(path: string, wanted: string): ErrorReply {
  const message = `${path}: the simulator's demo mind can't make ${wanted}; a mind of your own can, such as scriptMind([...])`;
  return { status: 400, error: { type: "invalid_request_error", message } };
}

type Choice = MessageCreateParams["tool_choice"];

function callableTools(tools: readonly KnownTool[], choice: Choice): readonly KnownTool[] {
  if (choice?.type === "none") return [];
  return choice?.type === "tool" ? tools.filter(({ name }) => name === choice.name) : tools;
}

function readQuestion(turn: Turn, tools: readonly KnownTool[], now: number): Question {
  const vocabulary = vocabularyOf(tools);
  const question = understand(turn.question, vocabulary, now);
  const goesOn = /^\s*(?:and|also|then|what about|how about)\b/i.test(turn.question);
  if (turn.earlier === undefined || !goesOn) return question;
  const earlier = understand(turn.earlier, vocabulary, now);
  return chooseTools(tools, earlier).length > 0 ? continued(question, earlier) : question;
}

/** The planned calls; or, where the request insists on a call and there is none, one with plain values. */
function chosenCalls(choice: Choice, tools: readonly KnownTool[], story: Story): readonly NextCall[] {
  const planned = story.plan.calls;
  const isForced = planned.length === 0 && insistsOnCall(choice, story.turn);
  const calls = isForced ? forcedCall(tools, story) : planned;
  const single =
    choice !== undefined && "disable_parallel_tool_use" in choice && choice.disable_parallel_tool_use;
  return single ? calls.slice(0, 1) : calls;
}

/** A request that goes on insisting after a result would never end; one call is taken to be what it wants. */
function insistsOnCall(choice: Choice, { rounds }: Turn): boolean {
  return (choice?.type === "any" || choice?.type === "tool") && rounds === 0;
}

function forcedCall(tools: readonly KnownTool[], { question, plan }: Story): NextCall[] {
  // Of tools that were not asked for, those that change nothing come first.
  const harmless = tools.filter((tool) => actionOf(tool) === undefined);
  for (const tool of [...plan.targets, ...harmless, ...tools]) {
    const material = { question, places: question.places, facts: [] };
    const input = fillWhole(tool.schema, contextOf(tool), material);
    if (isRecord(input)) return [{ name: tool.name, input }];
  }
  return [];
}

function toBlock({ name, input }: NextCall): { type: "tool_use"; name: string; input: unknown } {
  return { type: "tool_use", name, input };
}

function announcement(calls: readonly NextCall[]): string {
  const names = [...new Set(calls.map(({ name }) => name))];
  return `Let me ask ${enumeration(names)}.`;
}
