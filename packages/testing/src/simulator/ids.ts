import { createHash } from "node:crypto";

/** Makes the ids of one simulator. The same seed and the same requests give the same ids, in whatever order they come. */
export interface Ids {
  /** `req_…`, a new one each time. */
  request(): string;
  /** The ids of one reply; the same body sent again gets others, as from the API. */
  reply(body: string): ReplyIds;
}

export interface ReplyIds {
  readonly message: string;
  /** `toolu_…` for the block at this index. */
  toolUse(index: number): string;
  /** `srvtoolu_…` for the block at this index. */
  serverToolUse(index: number): string;
}

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

export function createIds(seed: string | number): Ids {
  let requests = 0;
  const seen = new Map<string, number>();
  return {
    request: () => `req_011${token(`${seed} request ${requests++}`, 21)}`,
    reply(body) {
      // Ids come from the request, not from a counter: parallel runs then get the same ids every time.
      const digest = createHash("sha256").update(`${seed} ${body}`).digest("hex");
      const occurrence = seen.get(digest) ?? 0;
      seen.set(digest, occurrence + 1);
      const root = `${digest} ${occurrence}`;
      return {
        message: `msg_01${token(`${root} message`, 22)}`,
        serverToolUse: (index) => `srvtoolu_01${token(`${root} server tool ${index}`, 22)}`,
        toolUse: (index) => `toolu_01${token(`${root} tool ${index}`, 22)}`,
      };
    },
  };
}

function token(source: string, length: number): string {
  const bytes = createHash("sha256").update(source).digest();
  return Array.from({ length }, (_, index) => alphabet[(bytes[index] ?? 0) % alphabet.length]).join("");
}
