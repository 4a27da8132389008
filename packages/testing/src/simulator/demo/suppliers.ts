import { isCoordinate } from "./fill-number.js";
import { roleOf, slotOf } from "./slots.js";
import { actionOf, contextOf, type KnownTool, type Parameter } from "./tools.js";
import { plain, stem, stems } from "./words.js";

/** How tools that know a certain kind of thing are called. */
const knownAs: Readonly<Record<string, readonly string[]>> = {
  coordinate: ["place", "location", "geocode", "coordinate", "city", "position"].map(stem),
  email: ["email", "contact", "address"].map(stem),
};

/**
 * How likely a tool is to know what a target is missing, 0 for not at all: its name or its description speaks of it,
 * or the target says where to get it. Tools that change something are never asked.
 */
export function supplies(tool: KnownTool, target: KnownTool, missing: readonly string[]): number {
  if (tool === target || actionOf(tool) !== undefined) return 0;
  // What a tool would have to be told itself, it does not know.
  const wanted = target.parameters.filter(
    ({ name }) => missing.includes(name) && !tool.parameters.some((own) => own.required && own.name === name),
  );
  const words = new Set(wanted.flatMap((parameter) => relatedStems(parameter, target)));
  const named = new Set(stems(tool.name));
  const described = new Set(stems(tool.description));
  const points = [...words].reduce(
    (sum, word) => sum + (named.has(word) ? 2 : 0) + (described.has(word) ? 1 : 0),
    0,
  );
  const recommended = wanted.some(({ description }) => plain(description).includes(plain(tool.name)));
  return points + (recommended ? 5 : 0);
}

function relatedStems({ name, schema }: Parameter, target: KnownTool): readonly string[] {
  const slot = slotOf(name, schema, contextOf(target));
  const known = knownAs[isCoordinate(slot) ? "coordinate" : roleOf(slot).name];
  if (known) return [...stems(name), ...known];
  const words = stems(name).filter((word) => word !== "id");
  // A bare `id` is the id of whatever the tool is about: `complete_todo({ id })` wants that of a todo.
  return words.length > 0 ? words : target.nameStems.filter((word) => word !== actionOf(target));
}
