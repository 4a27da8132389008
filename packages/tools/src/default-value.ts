/** Whether a default can stand in a JSON Schema. */
export function hasJsonForm(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Whether a default is made anew each time, like an id or a clock. Such a one must stay out of a tool's schema:
 * it would change the tool from one process to the next, and so void the prompt cache and the session's frozen tools.
 */
export function isMadeAnew(make: () => unknown): boolean {
  const first = JSON.stringify(make());
  return first !== JSON.stringify(make());
}
