/** In items: a list may be longer than the time there is, and no tool returns so many promises. */
const mostLookedAt = 100_000;

/**
 * What a tool returned, and where that is a list, with its promises awaited: `[image("a.png"), image("b.png")]` would be shown as two
 * promises. Rejects where one of them does.
 */
export async function awaitListed(returned: unknown): Promise<unknown> {
  const value = await returned;
  return isListOfPromises(value) ? Promise.all(value) : value;
}

function isListOfPromises(value: unknown): value is readonly unknown[] {
  try {
    return (
      Array.isArray(value) &&
      value.length <= mostLookedAt &&
      value.some((item: unknown) => item instanceof Promise)
    );
  } catch {
    // A revoked proxy can't even be asked what it is: whoever shows the value says so.
    return false;
  }
}
