import { delimiter, isAbsolute } from "node:path";

/** What programs can hardly do without, and what holds no secret. Windows starts nothing without the last two. */
const inherited = ["PATH", "LANG", "SystemRoot", "PATHEXT"];

/**
 * The whole environment of a program: nothing of this process but the places of programs and the language, then what was given.
 * Of the places only absolute ones: by another, a file that was written into the folder could be run in a program's stead.
 */
export function programEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept = inherited.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]] as const]));
  const environment: Record<string, string> = { ...Object.fromEntries(kept), ...given };
  const { PATH = "", ...others } = environment;
  const places = PATH.split(delimiter).filter((place) => isAbsolute(place));
  // An empty one would mean the working folder; none at all means the system's usual places.
  return places.length === 0 ? others : { ...others, PATH: places.join(delimiter) };
}
