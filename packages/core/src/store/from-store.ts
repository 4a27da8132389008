import { LockstitchError, messageOf, StoreError } from "../errors.js";

/** A store is anybody's code: what it throws is told as a `StoreError`, with the thrown thing itself as its `cause`. */
export async function fromStore<Value>(ask: () => Promise<Value>): Promise<Value> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LockstitchError) throw error;
    const words = `The store failed: ${messageOf(error)}. What was committed before stands; mend the store and run the session again.`;
    throw new StoreError(words, { cause: error });
  }
}
