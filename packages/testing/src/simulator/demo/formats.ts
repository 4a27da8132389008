import { isIPv6 } from "node:net";
import { isoDate } from "./dates.js";

/**
 * A text of each format that the API has a grammar for:
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */
export function sampleOfFormat(format: unknown, now: number): string | undefined {
  const samples: Readonly<Record<string, string>> = {
    date: isoDate(now, 0),
    "date-time": new Date(now).toISOString(),
    time: "12:00:00Z",
    duration: "P1D",
    email: "someone@example.com",
    hostname: "example.com",
    uri: "https://example.com/",
    url: "https://example.com/",
    uuid: "00000000-0000-4000-8000-000000000000",
    ipv4: "127.0.0.1",
    ipv6: "::1",
  };
  return typeof format === "string" && Object.hasOwn(samples, format) ? samples[format] : undefined;
}

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
/** A word alone would do as the name of a host, but then every greeting were one. */
const hostname = new RegExp(String.raw`^(?=.{1,253}$)(?:localhost|${label}(?:\.${label})+)$`, "i");
const duration = /^P(?!$)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)$/;

/** Whether a text is of one of the formats that a schema's own validation lets pass. */
export function isOfFormat(text: string, format: unknown): boolean {
  switch (format) {
    case "hostname":
      return hostname.test(text);
    case "duration":
      return duration.test(text);
    case "ipv6":
      return isIPv6(text);
    default:
      return true;
  }
}
