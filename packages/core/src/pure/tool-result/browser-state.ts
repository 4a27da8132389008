import type Anthropic from "@anthropic-ai/sdk";
import { cacheControl } from "./cache-control.js";
import {
  type Check,
  type Fields,
  fields,
  isBoolean,
  isText,
  listOf,
  oneOfKinds,
  orNull,
  type Shape,
  that,
} from "./shape.js";

const isNumber = that("a number", (value) => typeof value === "number" && Number.isFinite(value));

const tabs = listOf(
  fields<Anthropic.BrowserStateTabEntry>({
    required: { tab_id: isText, title: isText, url: isText },
    optional: { active: isBoolean },
  }),
  { mayBeEmpty: true },
);
const oneIsActive = that(
  "a list with just one active tab",
  (value) =>
    (value as readonly Fields[]).length === 0 ||
    (value as readonly Fields[]).filter(({ active }) => active === true).length === 1,
);
const isTabs: Check = (value) => tabs(value) ?? oneIsActive(value);

const download = { download_id: isText, url: isText };
const isChanges = listOf(
  oneOfKinds<Anthropic.BrowserStateChange>({
    tab_opened: { required: { tab_id: isText }, optional: {} },
    download_started: { required: download, optional: {} },
    download_completed: {
      required: download,
      optional: { path: orNull(isText), size_bytes: orNull(isNumber) },
    },
    download_failed: { required: download, optional: { error: orNull(isText) } },
  }),
);

/** What a browser tool tells of its tabs and downloads. Source: the SDK's type of the block, version 1.12.0. */
export const browserState: Shape<Anthropic.BrowserStateBlockParam> = {
  required: { tabs: isTabs },
  optional: { cache_control: cacheControl, state_changes: orNull(isChanges) },
};
