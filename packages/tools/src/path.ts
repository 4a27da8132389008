const plainName = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u;

/** The path of a property: `trip` and `when` make `trip.when`; a name that would blur the path is quoted. */
export function property(path: string, name: string): string {
  if (!plainName.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}

/** The path of an element: `stops[2]`, or `stops[]` for every element. */
export function item(path: string, index?: number): string {
  return `${path}[${index ?? ""}]`;
}

/** The path of every value of a record, whatever its key: `prices.*`. */
export function anyValue(path: string): string {
  return path === "" ? "*" : `${path}.*`;
}

/** A path in words: `["trip", "stops", 2, "city"]` is `trip.stops[2].city`. */
export function pathText(segments: readonly PropertyKey[]): string {
  return segments.reduce<string>(
    (path, segment) => (typeof segment === "number" ? item(path, segment) : property(path, String(segment))),
    "",
  );
}

/** How a path is named in a sentence; the root has no name of its own, so it is called what `whole` says, e.g. `the input`. */
export function named(path: string, whole: string): string {
  return path === "" ? whole : path;
}
