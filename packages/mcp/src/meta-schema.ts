import { type Schema, schemasIn } from "./json-schema.js";

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isAnchor: Check = (value) => isText(value) && /^[A-Za-z_][-A-Za-z0-9._]*$/.test(value as string);

/**
 * What draft 2020-12 lets a schema say of its own name and of others', as far as the core's judge of schemas leaves it open, for nobody who
 * writes a tool for an agent says any of it. Source: https://json-schema.org/draft/2020-12/meta/core and what the draft has deprecated.
 */
const checks: Readonly<Record<string, Check>> = {
  $id: (value) => isText(value) && /^[^#]*#?$/.test(value as string),
  $anchor: isAnchor,
  $dynamicAnchor: isAnchor,
  $recursiveAnchor: isAnchor,
  $dynamicRef: isText,
  $recursiveRef: isText,
  // Where it could not be said in the words of this draft, it says too much.
  dependencies: () => false,
};

/** The first thing in a schema that draft 2020-12 does not let it say, in words; `undefined` where there is none. */
export function oddWord(root: Schema): string | undefined {
  for (const schema of schemasIn(root))
    for (const [keyword, isRight] of Object.entries(checks))
      if (keyword in schema && !isRight(schema[keyword]))
        return `${keyword}: ${JSON.stringify(schema[keyword]).slice(0, 80)}`;
  return undefined;
}
