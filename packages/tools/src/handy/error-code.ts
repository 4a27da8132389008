/** What Node's errors call their cause, e.g. `ENOENT`; `undefined` for all else. Their messages hold paths and addresses, codes don't. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
