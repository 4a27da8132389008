/** What a `content-type` header says. */
export interface ContentType {
  /** In small letters, e.g. `text/html`; empty where the server doesn't say, or says what is no type. */
  readonly type: string;
  /** As TextDecoder knows it. Default `utf-8`. */
  readonly charset: string;
}

/** Source: RFC 6838, 4.2. It is shown to the model beside the address, and with other words in it could pass for another. */
const aType = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/;

export function contentTypeOf(header: string | undefined): ContentType {
  const [type = "", ...parameters] = (header ?? "").split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice(8);
  return {
    type: aType.test(type) ? type : "",
    charset: charset === undefined ? "utf-8" : charset.replace(/^["']|["']$/g, ""),
  };
}

const textTypes: ReadonlySet<string> = new Set([
  ...["application/json", "application/xml", "application/javascript", "application/x-javascript"],
  ...["application/ecmascript", "application/yaml", "application/x-yaml", "application/toml"],
  ...["application/x-ndjson", "application/jsonl", "application/sql", "application/x-sh", "image/svg+xml"],
]);

/** Whether a model can read it. A server that doesn't say what it sends is given the chance. */
export function isText(type: string): boolean {
  return type === "" || type.startsWith("text/") || textTypes.has(type) || /\+(json|xml|yaml)$/.test(type);
}

/** Text in the charset that the server names, or in UTF-8 where nobody knows that one. */
export function decode(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
