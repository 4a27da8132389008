import type { Middleware } from "@anthropic-ai/sdk";

/** By client, the ones used last at the end: a reply to an older key may still be on its way. */
const sent = new WeakMap<object, Set<string>>();
const mostRemembered = 20;
/** In characters. Nothing shorter keeps anybody out, and words of this length would be taken out of every error. */
const shortest = 8;

/** Sees what secrets each of a client's requests carries, wherever the client has them from. */
export function watchSecrets(client: object): Middleware {
  return (request, next) => {
    for (const [name, value] of new Headers(request.headers)) {
      if (!/auth|key|token|secret|cookie/.test(name)) continue;
      remember(client, value);
      // As in `Bearer <key>`.
      remember(client, value.slice(value.lastIndexOf(" ") + 1));
    }
    return next(request);
  };
}

function remember(client: object, secret: string): void {
  const known = sent.get(client) ?? new Set<string>();
  sent.set(client, known);
  known.delete(secret);
  known.add(secret);
  const [oldest] = known;
  if (known.size > mostRemembered && oldest !== undefined) known.delete(oldest);
}

/** All that a client is known to send and nobody else may read, in every form in which it may come back; the longest first. */
export function secretsOf(client: object): readonly string[] {
  const { apiKey, authToken, baseURL } = client as Readonly<Record<string, unknown>>;
  const texts = [apiKey, authToken, ...(sent.get(client) ?? [])].filter((text) => typeof text === "string");
  const long = [...texts, ...passwordsIn(baseURL)]
    .flatMap(formsOf)
    .filter(({ length }) => length >= shortest);
  const credentials = credentialsIn(baseURL);
  const all = credentials === "" ? long : [...long, ...formsOf(`${credentials}@`)];
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}

/** What stands before the host of a URL, whether or not the platform would take it for one. */
function credentialsIn(url: unknown): string {
  return typeof url === "string" ? (/\/\/([^/?#]*)@/.exec(url)?.[1] ?? "") : "";
}

function passwordsIn(url: unknown): readonly string[] {
  const credentials = credentialsIn(url);
  const colon = credentials.indexOf(":");
  return [credentials, colon < 0 ? "" : credentials.slice(colon + 1)];
}

function formsOf(secret: string): readonly string[] {
  return [
    secret,
    encodeURIComponent(secret),
    encodeURI(secret),
    decoded(secret),
    JSON.stringify(secret).slice(1, -1),
  ];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
