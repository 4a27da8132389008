/**
 * The SDK's response types list fields (`container`, `citations`, `diagnostics` …) that the API leaves out when they
 * don't apply, as recorded traffic shows. This says: `part` is what goes over the wire for a `T`.
 */
export function asWire<T extends object>(part: Partial<T>): T {
  return part as T;
}
