import { type Fields, firstRefusal, modelOf, type Rule, refuses } from "./rule.js";

/**
 * `temperature`, `top_p` and `top_k` in the versions that still have them: what is out of range, what a model no longer
 * takes, and what does not go together. Values that the API takes as "not set" are no offence anywhere.
 */
export const samplingIsAllowed: Rule = (request, surroundings) => {
  const model = modelOf(request, surroundings);
  return firstRefusal([
    outOfRange(request, "temperature"),
    outOfRange(request, "top_p"),
    refuses(model, "sampling") ? deprecated(request) : undefined,
    // Opus 4.1 was the first to refuse the two together.
    model !== undefined && model.createdAt >= "2025-08-05" ? bothOf(request) : undefined,
    thinks(request) ? beside(request) : undefined,
  ]);
};

function outOfRange(request: Fields, name: string): string | undefined {
  const value = request[name] as number | null | undefined;
  return typeof value === "number" && (value < 0 || value > 1) ? `${name}: range: 0..1` : undefined;
}

/** The value a parameter has when it is left out, or as good as that. */
function isDefault(name: string, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return name === "temperature" ? value === 1 : name === "top_p" && (value as number) >= 0.99;
}

function deprecated(request: Fields): string | undefined {
  const name = ["temperature", "top_p", "top_k"].find((key) => !isDefault(key, request[key]));
  return name === undefined ? undefined : `\`${name}\` is deprecated for this model.`;
}

function bothOf({ temperature, top_p }: Fields): string | undefined {
  return typeof temperature === "number" && typeof top_p === "number"
    ? "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
    : undefined;
}

function thinks({ thinking }: Fields): boolean {
  const type = (thinking as Fields | undefined)?.type;
  return type === "enabled" || type === "adaptive";
}

const guide =
  "Please consult our documentation at https://platform.claude.com/docs/en/build-with-claude/thinking";

function beside({ temperature, top_p, top_k }: Fields): string | undefined {
  if (typeof temperature === "number" && temperature !== 1) {
    return `\`temperature\` may only be set to 1 when thinking is enabled or in adaptive mode. ${guide}`;
  }
  if (typeof top_p === "number" && top_p < 0.95) {
    return `\`top_p\` must be greater than or equal to 0.95 or unset when thinking is enabled. ${guide}`;
  }
  return typeof top_k === "number" ? `\`top_k\` must be unset when thinking is enabled. ${guide}` : undefined;
}
