/** Formats that the API holds an answer to, and the input of a strict tool. Source: the SDK's own preparation of such schemas. */
export const heldFormats: ReadonlySet<unknown> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid",
]);
