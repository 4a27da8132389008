import type Anthropic from "@anthropic-ai/sdk";
import { findModel } from "../models/models.js";

/** Characters of a conversation that a request has room for: the API takes 32 MB, of which the prompt and the tools need some. */
export const maxHistorySize = 28_000_000;

/** A message is frozen once it is committed, so it is measured once; images make this worth the while. */
const measured = new WeakMap<object, number>();

/** The length of all that messages say, in characters; of images and documents that are given in base64, of that. */
export function sizeOf(messages: readonly Anthropic.MessageParam[]): number {
  return messages.reduce((sum, message) => sum + sizeOfMessage(message), 0);
}

function sizeOfMessage(message: Anthropic.MessageParam): number {
  const known = measured.get(message);
  if (known !== undefined) return known;
  const size = lengthOf(message.content);
  if (Object.isFrozen(message)) measured.set(message, size);
  return size;
}

function lengthOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, item) => sum + lengthOf(item), 0);
}

/** Source: the API's vision documentation. One that takes a million tokens takes more images as well. */
export function maxImagesOf(model: string): number {
  const { contextWindow = 1_000_000 } = findModel(model) ?? {};
  return contextWindow > 200_000 ? 600 : 100;
}

/** Images and pages-as-documents, those inside tool results among them. */
export function imagesIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + imagesIn(item), 0);
  if (typeof value !== "object" || value === null) return 0;
  const { type, content } = value as { readonly type?: unknown; readonly content?: unknown };
  return type === "image" ? 1 : imagesIn(content);
}

/**
 * Results as one message that still fits behind the history: those that don't are left out, with a note for the model.
 * A request that is too large is refused, and so would be every later one of its session.
 */
export function fitResults(
  history: readonly Anthropic.MessageParam[],
  results: readonly Anthropic.ToolResultBlockParam[],
  maxImages: number,
): readonly Anthropic.ToolResultBlockParam[] {
  let left = maxHistorySize - sizeOf(history);
  let imagesLeft = maxImages - imagesIn(history);
  return results.map((result) => {
    const [size, images] = [lengthOf(result.content), imagesIn(result.content)];
    const why =
      size > noteSize && size > left
        ? `a result of ${size} characters. A request takes 32 MB`
        : images > 0 && images > imagesLeft
          ? `a result with ${images} images. A request takes ${maxImages}`
          : undefined;
    if (why !== undefined)
      return { ...result, content: `[cut: ${why}, and this conversation has no room for it.]` };
    left -= size;
    imagesLeft -= images;
    return result;
  });
}

/** A result this short is never left out: the note would be as long. */
const noteSize = 200;
