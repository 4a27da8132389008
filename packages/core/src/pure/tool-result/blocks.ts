import type Anthropic from "@anthropic-ai/sdk";
import type { ResultBlock } from "../../tool-definition.js";
import { isBase64, isWebAddress } from "../media/file-data.js";
import { browserState } from "./browser-state.js";
import { cacheControl } from "./cache-control.js";
import { longestTitle } from "./document-labels.js";
import {
  type Check,
  fields,
  isBoolean,
  isText,
  isWord,
  listOf,
  oneOf,
  oneOfKinds,
  orNull,
  type Shape,
  that,
} from "./shape.js";

/**
 * Whether a value is a list of nothing but content blocks that the API takes in a tool result, to the last field.
 * Anything else is data that only looks like blocks: sent as blocks, the API would refuse it, now and ever after.
 */
export function isBlocks(value: unknown): value is ResultBlock[] {
  return areBlocks(value) === undefined;
}

const marker = { cache_control: cacheControl };
const file = { required: { file_id: isWord }, optional: {} };
const url = { required: { url: that("an https: URL", isWebAddress) }, optional: {} };
const base64 = (mediaType: Check) => ({
  required: {
    media_type: mediaType,
    data: that("base64 of the file's bytes, with nothing before it and no line breaks", isBase64),
  },
  optional: {},
});

/** What the API answers with may cite; what it is told may not. */
const noCitations = that(
  "empty: a text that is said cites nothing",
  (value) => value === null || (Array.isArray(value) && value.length === 0),
);
export const text: Shape<Anthropic.TextBlockParam> = {
  required: { text: isText },
  optional: { ...marker, citations: noCitations },
};

/** Inside another block an empty text is refused, where as a block of its own it is simply left out. */
const innerText: Shape<Anthropic.TextBlockParam> = { ...text, required: { text: isWord } };

export const image: Shape<Anthropic.ImageBlockParam> = {
  required: {
    source: oneOfKinds<Anthropic.ImageBlockParam["source"]>({
      base64: base64(oneOf("image/jpeg", "image/png", "image/gif", "image/webp")),
      url,
      file,
    }),
  },
  optional: {
    ...marker,
    transformations: orNull(
      fields<Anthropic.ImageTransformationsParam>({
        required: {},
        optional: { oversized_image: oneOf("downsize", "error") },
      }),
    ),
  },
};

const isPdf = that(
  '"application/pdf"; a text is given as { type: "text", media_type: "text/plain", data }',
  (value) => value === "application/pdf",
);
const innerBlocks = listOf(oneOfKinds<Anthropic.ContentBlockSourceContent>({ text: innerText, image }));
/** Source of both: the API's own description of a document. */
const isContext = that("a text that is not empty", (value) => typeof value === "string" && value !== "");
const isTitle = that(
  "a text of 1 to 500 characters",
  (value) => typeof value === "string" && value !== "" && [...value].length <= longestTitle,
);
const isCiting = fields<Anthropic.CitationsConfigParam>({ required: {}, optional: { enabled: isBoolean } });

export const document: Shape<Anthropic.DocumentBlockParam> = {
  required: {
    source: oneOfKinds<Anthropic.DocumentBlockParam["source"]>({
      base64: base64(isPdf),
      text: { required: { media_type: oneOf("text/plain"), data: isWord }, optional: {} },
      content: {
        required: { content: (value) => (typeof value === "string" ? isWord : innerBlocks)(value) },
        optional: {},
      },
      url,
      file,
    }),
  },
  optional: { ...marker, citations: orNull(isCiting), context: orNull(isText), title: orNull(isText) },
};

/** What a person says is refused where a tool's is made to fit, see `withFittingLabels`. */
export const saidDocument: typeof document = {
  ...document,
  optional: { ...document.optional, context: orNull(isContext), title: orNull(isTitle) },
};

export const searchResult: Shape<Anthropic.SearchResultBlockParam> = {
  required: {
    source: isWord,
    title: isText,
    content: listOf(oneOfKinds<Anthropic.TextBlockParam>({ text: innerText })),
  },
  optional: { ...marker, citations: isCiting },
};

/** Source: the block types of the SDK, version 1.12.0. */
export const resultKinds: {
  readonly [Kind in ResultBlock["type"]]: Shape<Extract<ResultBlock, { type: Kind }>>;
} = {
  text,
  image,
  document,
  search_result: searchResult,
  tool_reference: { required: { tool_name: isWord }, optional: marker },
  browser_state: browserState,
};

const areBlocks: Check = listOf(oneOfKinds<ResultBlock>(resultKinds));
