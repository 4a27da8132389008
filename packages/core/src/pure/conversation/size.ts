import type Anthropic from "@anthropic-ai/sdk";
import { oncePerFrozen } from "../../freeze.js";
import { findModel, largestWindow, type Model } from "../../models/models.js";
import { imageRoom, imagesIn } from "./image-room.js";

/** Characters of a conversation that a request has room for: the API takes 32 MB, of which the prompt and the tools need some. */
export const maxHistorySize = 28_000_000;

/** The length of all that messages say, in characters; of images and documents that are given in base64, of that. */
export function sizeOf(messages: readonly Anthropic.MessageParam[]): number {
  return messages.reduce((sum, message) => sum + sizeOfMessage(message), 0);
}

/** Images make it worth the while to measure a message once. */
const sizeOfMessage = oncePerFrozen(({ content }: Anthropic.MessageParam): number => lengthOf(content));

function lengthOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, item) => sum + lengthOf(item), 0);
}

/** Source: the API's vision documentation. One that takes a million tokens takes more images as well. */
export function maxImagesOf(model: string, catalogue?: readonly Model[]): number {
  const { contextWindow = largestWindow } = findModel(model, catalogue) ?? {};
  return contextWindow > 200_000 ? 600 : 100;
}

/**
 * Results as one message that still fits behind the history: those that don't, or images of them, are left out, with a note for the
 * model. A request that is too large is refused, and so would be every later one of its session.
 */
export function fitResults(
  history: readonly Anthropic.MessageParam[],
  results: readonly Anthropic.ToolResultBlockParam[],
  maxImages: number,
): readonly Anthropic.ToolResultBlockParam[] {
  let left = maxHistorySize - sizeOf(history);
  const withRoom = imageRoom(imagesIn(history), maxImages);
  return results.map((result) => {
    const size = lengthOf(result.content);
    if (size > noteSize && size > left) {
      const why = `a result of ${size} characters. A request takes 32 MB`;
      return { ...result, content: `[cut: ${why}, and this conversation has no room for it.]` };
    }
    left -= size;
    return withContent(result, withRoom);
  });
}

/** What was said, as it fits behind the history: an image that there is no room for gives way to a note. */
export function fitSaid(
  history: readonly Anthropic.MessageParam[],
  said: readonly Anthropic.MessageParam[],
  maxImages: number,
): readonly Anthropic.MessageParam[] {
  const withRoom = imageRoom(imagesIn(history), maxImages);
  return said.map((message) => withContent(message, withRoom));
}

function withContent<Holder extends { readonly content?: unknown }>(
  holder: Holder,
  change: (blocks: readonly unknown[]) => readonly unknown[],
): Holder {
  if (!Array.isArray(holder.content)) return holder;
  const content = change(holder.content);
  return content === holder.content ? holder : { ...holder, content };
}

/** A result this short is never left out: the note would be as long. */
const noteSize = 200;
