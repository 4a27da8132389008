import type Anthropic from "@anthropic-ai/sdk";
import { oncePerFrozen } from "../../freeze.js";
import { findModel, largestWindow, type Model } from "../../models/models.js";
import { imageRoom, imagesIn } from "./image-room.js";
import { jsonBytes } from "./json-bytes.js";
import { mapContent } from "./map-content.js";

/** Bytes of a conversation that a request has room for: the API takes 32 MB of JSON, of which the prompt and the tools need some. */
export const maxHistorySize = 28_000_000;

/** What messages weigh in a request, in bytes: of very many small blocks there is more around them than in them. */
export function sizeOf(messages: readonly Anthropic.MessageParam[]): number {
  return messages.reduce((sum, message) => sum + sizeOfMessage(message), 0);
}

/** Images make it worth the while to measure a message once. */
const sizeOfMessage = oncePerFrozen((message: Anthropic.MessageParam): number => jsonBytes(message));

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
    const size = jsonBytes(result);
    if (size > noteSize && size > left) {
      const why = `a result of ${size} bytes. A request takes 32 MB`;
      return { ...result, content: `[cut: ${why}, and this conversation has no room for it.]` };
    }
    left -= size;
    return mapContent(result, withRoom);
  });
}

/** What was said, as it fits behind the history: an image that there is no room for gives way to a note. */
export function fitSaid(
  history: readonly Anthropic.MessageParam[],
  said: readonly Anthropic.MessageParam[],
  maxImages: number,
): readonly Anthropic.MessageParam[] {
  const withRoom = imageRoom(imagesIn(history), maxImages);
  return said.map((message) => mapContent(message, withRoom));
}

/** In bytes. A result this short is never left out: the note would be as long. */
const noteSize = 250;
