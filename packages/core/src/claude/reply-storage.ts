/** Where replies are kept, by a short key: anything that holds texts, e.g. a table, a folder or a key-value service that all processes share. */
export interface ReplyStorage {
  /** `undefined` for what it doesn't have, or no longer. */
  get(key: string): Promise<string | undefined> | string | undefined;
  /** @param lifetimeMs after which nobody asks for it any more: it may then be thrown away */
  set(key: string, value: string, lifetimeMs: number): Promise<unknown> | unknown;
  delete(key: string): Promise<unknown> | unknown;
}

export function memoryReplies(): ReplyStorage {
  const replies = new Map<string, string>();
  return {
    get: (key) => replies.get(key),
    set: (key, value) => replies.set(key, value),
    delete: (key) => replies.delete(key),
  };
}
