import { type Check, fits, isCacheControl, isFields, isText, oneOf, type Shape } from "./shape.js";

const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);

const tab: Shape = {
  required: { tab_id: isText, title: isText, url: isText },
  optional: { active: (value) => typeof value === "boolean" },
};

const download: Shape["required"] = { download_id: isText, url: isText };
const changes: readonly Shape[] = [
  { required: { type: oneOf("tab_opened"), tab_id: isText } },
  { required: { type: oneOf("download_started"), ...download } },
  {
    required: { type: oneOf("download_completed"), ...download },
    optional: { path: orNull(isText), size_bytes: orNull(isNumber) },
  },
  { required: { type: oneOf("download_failed"), ...download }, optional: { error: orNull(isText) } },
];

/** Just one of a browser's tabs is the active one. */
const isTabs: Check = (value) =>
  Array.isArray(value) &&
  value.every((one) => isFields(one) && fits(one, tab)) &&
  (value.length === 0 || value.filter(({ active }) => active === true).length === 1);

const isChanges: Check = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((one) => isFields(one) && changes.some((change) => fits(one, change)));

/** What a browser tool tells of its tabs and downloads. Source: the SDK's type of the block, version 1.12.0. */
export const browserState: Shape = {
  required: { tabs: isTabs },
  optional: { cache_control: isCacheControl, state_changes: orNull(isChanges) },
};
