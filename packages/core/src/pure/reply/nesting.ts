/** Whether a value is nested deeper than anybody means: what walks through it later would run out of stack. */
export function isDeep(value: unknown, left = 200): boolean {
  if (typeof value !== "object" || value === null) return false;
  return left === 0 || Object.values(value).some((item) => isDeep(item, left - 1));
}
