import type Anthropic from "@anthropic-ai/sdk";
import { AgentError } from "./errors.js";
import type { PreparedAgent } from "./prepare-agent.js";
import { type CitingRequest, citationsProblem, hasFormat } from "./pure/conversation/citations.js";
import {
  appendMessage,
  findHistoryProblem,
  hasUnansweredServerTool,
  systemLast,
} from "./pure/conversation/history.js";
import { imagesIn, imagesProblem } from "./pure/conversation/image-room.js";
import { conflictIn } from "./pure/conversation/side-by-side.js";
import { maxHistorySize, maxImagesOf, sizeOf } from "./pure/conversation/size.js";
import { mediaProblem } from "./pure/media/media.js";
import type { State } from "./state.js";
import type { LiveRun } from "./step/live-run.js";

type Messages = readonly Anthropic.MessageParam[];

/** Looked at before it is committed: an input that makes the history illegal would spoil its session for good. */
export function checkHistory({ state, agent }: LiveRun, said: Messages): void {
  checkInput(state, said, maxImagesOf(agent.model, agent.catalogue), besideOf(agent));
  const problem = hasUnansweredServerTool(state.messages)
    ? findHistoryProblem(said)
    : findHistoryProblem(
        systemLast([...state.inbox, ...said]).reduce(appendMessage, answered(state)),
        state.stopReason === "pause_turn",
      );
  if (problem !== undefined)
    throw new AgentError(`The API would refuse this input, so it was not taken. ${problem}`);
}

/** Throws `AgentError` where the session, as it is, can't be gone on with by this agent. */
export function checkHeld({ state, agent }: LiveRun): void {
  const problem = citationsProblem([...state.messages, ...state.inbox], [], besideOf(agent));
  if (problem !== undefined) throw new AgentError(`The API would refuse every call of this run: ${problem}.`);
  checkImages(state.messages, maxImagesOf(agent.model, agent.catalogue));
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
