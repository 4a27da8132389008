/** A value as an error shows it: at most 80 characters of its JSON, or of whatever else there is. */
export function short(value: unknown): string {
  const text = textOf(value);
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

/** A definition by hand may hold what is no JSON. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
