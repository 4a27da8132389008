/** What Node itself says of a connection and a body's length: anybody else's word for it would break the answer. */
const ownHeaders: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Whether a header of this name would tell something wrong about the bytes that carry it. */
export function breaksHttp(name: string): boolean {
  return ownHeaders.has(name.toLowerCase());
}
