import { isCredentialName, withoutCredentials } from "./credential-names.js";
import { mark } from "./redact-mark.js";

/** By these a conversation is understood. A secret that happens to be such a word must not make it unreadable. */
const protocolFields = new Set([
  "type",
  "role",
  "model",
  "stop_reason",
  "id",
  "tool_use_id",
  "tool_id",
  "name",
  "media_type",
]);

/**
 * What the API is told and tells, with its texts redacted, and all that stands in a field named like a credential. Names of fields and
 * what the protocol itself says stay; the inputs of tools are redacted as `redactData` does it.
 * @param names for the names of fields in inputs
 */
export function redactValue(
  value: unknown,
  texts: (text: string) => string,
  names: (name: string) => string = texts,
): unknown {
  if (typeof value === "string") return texts(value);
  if (Array.isArray(value)) return value.map((item) => redactPair(item) ?? redactValue(item, texts, names));
  if (typeof value !== "object" || value === null) return value;
  const isPair = isCredentialPair(value);
  const isCall = "type" in value && String(value.type).endsWith("tool_use");
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (typeof item === "string" && protocolFields.has(name)) return [name, item];
      if (isCredential(name, item) || (isPair && name === "value")) return [name, withoutTexts(item)];
      const isData = (isCall && name === "input") || (name === "input_examples" && Array.isArray(item));
      return [name, isData ? redactData(item, texts, names) : redactValue(item, texts, names)];
    }),
  );
}

/** Every text and number of a JSON value redacted, those named like a credential wholly, and the names of its fields too. */
export function redactData(
  value: unknown,
  texts: (text: string) => string,
  names: (name: string) => string = texts,
): unknown {
  if (typeof value === "string") return texts(value);
  if (typeof value === "number") return redactNumber(value, texts);
  if (Array.isArray(value)) return value.map((item) => redactPair(item) ?? redactData(item, texts, names));
  if (typeof value !== "object" || value === null) return value;
  const isPair = isCredentialPair(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      names(name),
      isCredential(name, item) || (isPair && name === "value")
        ? withoutTexts(item)
        : redactData(dataIn(name, item), texts, names),
    ]),
  );
}

/** A header as one of a list of pairs. A list of two words alone may be anything, such as the required fields of a schema. */
function redactPair(item: unknown): unknown {
  if (!Array.isArray(item) || item.length !== 2) return undefined;
  const [name, value]: readonly unknown[] = item;
  const isPair = typeof name === "string" && typeof value === "string";
  return isPair && isCredentialName(name) ? [name, withoutTexts(value)] : undefined;
}

/** A header or a variable as an object: `{ name: "authorization", value: "…" }`. */
function isCredentialPair(value: object): boolean {
  const { name, key, header, field, value: held } = value as Readonly<Record<string, unknown>>;
  const said = [name, key, header, field].find((one) => typeof one === "string");
  return said !== undefined && isCredential(String(said), held);
}

/** A field named like a credential that holds one. What a schema says of a field with such a name is an object, and none. */
function isCredential(name: string, item: unknown): boolean {
  const items = Array.isArray(item) ? item : [item];
  return isCredentialName(name) && items.every((one) => typeof one === "string" || typeof one === "number");
}

function withoutTexts(item: unknown): unknown {
  if (Array.isArray(item)) return item.map(withoutTexts);
  return item === "" ? item : mark;
}

/** An input that broke off is kept as text. */
function dataIn(name: string, item: unknown): unknown {
  return name === "INVALID_JSON" && typeof item === "string" ? withoutCredentials(item, mark) : item;
}

function redactNumber(value: number, texts: (text: string) => string): number | string {
  const written = String(value);
  const clean = texts(written);
  return clean === written ? value : clean;
}
