// A tool's call, as a run would make it.
export const call = (more = {}) => ({ signal: new AbortController().signal, progress: () => {}, ...more });

export function toolNamed({ tools }, name) {
  const found = tools.find((tool) => tool.name === name);
  if (found === undefined) throw new Error(`No ${name} among ${tools.map((tool) => tool.name).join(", ")}`);
  return found;
}
