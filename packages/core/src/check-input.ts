import type Anthropic from "@anthropic-ai/sdk";
import { AgentError } from "./errors.js";
import { refuses } from "./models/models.js";
import type { PreparedAgent } from "./prepare-agent.js";
import { type CitingRequest, citationsProblem, hasFormat } from "./pure/conversation/citations.js";
import { findHistoryProblem, hasUnansweredServerTool, withSaid } from "./pure/conversation/history.js";
import { imagesIn, imagesProblem } from "./pure/conversation/image-room.js";
import { importedProblem } from "./pure/conversation/imported.js";
import { conflictIn } from "./pure/conversation/side-by-side.js";
import { maxHistorySize, maxImagesOf, sizeOf } from "./pure/conversation/size.js";
import { resultsOf } from "./pure/fold/steps.js";
import { mediaProblem } from "./pure/media/media.js";
import type { State } from "./state.js";
import type { LiveRun } from "./step/live-run.js";

type Messages = readonly Anthropic.MessageParam[];

/** Looked at before it is committed: an input that makes the history illegal would spoil its session for good. */
export function checkHistory({ state, agent }: LiveRun, said: Messages): void {
  checkInput(state, said, maxImagesOf(agent.model, agent.catalogue), besideOf(agent));
  checkSystem(state, said, agent);
  checkCitations(state, agent);
  const imported = importedProblem(said);
  if (imported !== undefined)
    throw new AgentError(`The API would refuse this input, so it was not taken. ${imported}`);
  // While one is at work, what is said waits for the reply behind which it will come.
  const problem = hasUnansweredServerTool(state.messages)
    ? findHistoryProblem(withSaid(someReply, [...state.inbox, ...said]))
    : findHistoryProblem(
        withSaid(answered(state), [...state.inbox, ...said]),
        state.stopReason === "pause_turn",
      );
  if (problem !== undefined)
    throw new AgentError(`The API would refuse this input, so it was not taken. ${problem}`);
}

const someReply: Messages = [
  { role: "user", content: "Go on." },
  { role: "assistant", content: "Done." },
];

/** Throws `AgentError` where the session, as it is, can't be gone on with by this agent. */
export function checkHeld({ state, agent }: LiveRun): void {
  checkCitations(state, agent);
  checkImages(state.messages, maxImagesOf(agent.model, agent.catalogue));
  checkSystem(state, [], agent);
}

/** Also of what calls of the open step have given: it stands in the history as soon as the others have. */
function checkCitations({ messages, inbox, step }: State, agent: PreparedAgent): void {
  const held: Messages = [...messages, { role: "user", content: [...resultsOf(step)] }, ...inbox];
  const problem = citationsProblem(held, [], besideOf(agent));
  if (problem !== undefined) throw new AgentError(`The API would refuse every call of this run: ${problem}.`);
}

/** One that was taken would stand in the history for good, and every request be refused. */
function checkSystem({ messages, inbox }: State, said: Messages, { model, catalogue }: PreparedAgent): void {
  if (!refuses(model, "system_message", catalogue)) return;
  if (said.some(isSystem))
    throw new AgentError(
      `The API would refuse this input, so it was not taken: ${model} takes no system messages. Say it in agent.system, or as the user.`,
    );
  if ([...messages, ...inbox].some(isSystem))
    throw new AgentError(
      `The API would refuse every call of this run: ${model} takes no system messages, and this session holds one. Go on with another model, fork() the session from before it came, or begin another one.`,
    );
}

function isSystem({ role }: Anthropic.MessageParam): boolean {
  return role === "system";
}

/** A session may hold more images than another model takes. Nothing that is said now is to blame. */
function checkImages(held: Messages, maxImages: number): void {
  const images = imagesIn(held);
  const { problem } = imagesProblem(images, maxImages) ?? {};
  if (problem === undefined) return;
  throw new AgentError(
    `The API would refuse every call of this run: ${problem}, and this session holds ${images.count}. Go on with another model that takes as many, fork() the session from before they came, or begin another one.`,
  );
}

function besideOf({ definitions, request }: PreparedAgent): CitingRequest {
  return { tools: definitions, hasFormat: hasFormat(request) };
}

/** The history as it will be once the open calls are answered: what is said comes after that. */
function answered({ messages, step }: State): Messages {
  if (step === undefined || step.calls.length === 0) return messages;
  const content = step.calls.map(({ toolUseId }) => ({
    type: "tool_result" as const,
    tool_use_id: toolUseId,
    content: "answered",
  }));
  return [...messages, { role: "user", content }];
}

/** Throws `AgentError` for words that the session has no room for, or that the API would refuse beside what it holds. */
export function checkInput(
  { messages, inbox, run, tools }: State,
  said: Messages,
  maxImages: number = run?.maxImages ?? maxImagesOf(""),
  request: CitingRequest = { tools, hasFormat: run?.hasFormat ?? false },
): void {
  const all = [...messages, ...inbox];
  checkImages(messages, maxImages);
  const [held, added] = [sizeOf(all), sizeOf(said)];
  const problem = mediaProblem(said) ?? imagesProblem(imagesIn([...all, ...said]), maxImages);
  if (problem !== undefined)
    throw new AgentError(
      `The API would refuse this input, so it was not taken: ${problem.problem}. ${problem.wayOut}.`,
    );
  const beside = conflictIn(all, said, request);
  if (beside !== undefined)
    throw new AgentError(`The API would refuse this input, so it was not taken: ${beside}.`);
  if (held + added <= maxHistorySize) return;
  throw new AgentError(
    `This input has ${added} bytes and its session ${held}: together more than a request takes, so it was not taken. Give less, or images and documents as URLs or file ids.`,
  );
}
