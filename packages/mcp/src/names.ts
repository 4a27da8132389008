/** The longest name the API takes. */
const longest = 64;

export interface GivenName {
  readonly name: string;
  /** It is not just the server's name and the tool's own. */
  readonly isRenamed: boolean;
}

/**
 * Our name for a server's tool: the server's name, two underscores, the tool's own. A server's name has no two underscores in a row and
 * none at its end, so what stands before the first two is the server, and no two servers can give the same name.
 *
 * A tool's name that the API takes no other way, or that got too long, is cut to what it takes and ends in eight digits of its hash; so
 * does one that looks as if it did, which another might be taken for. It hangs on nothing else, such as which other tools there are:
 * it stands in the frozen beginnings of sessions.
 */
export function nameOf(server: string, tool: string): GivenName {
  const plain = `${server}__${tool}`;
  const isLegal = /^[a-zA-Z0-9_-]+$/.test(tool) && plain.length <= longest;
  if (isLegal && !/_[0-9a-f]{8}$/.test(tool)) return { name: plain, isRenamed: false };
  const legal = plain.replace(/[^a-zA-Z0-9_-]/g, "_");
  return { name: `${legal.slice(0, longest - 9)}_${shortHash(tool)}`, isRenamed: true };
}

/** What a server calls a tool, in words: it may be of any length and hold anything. */
export function quotedName(tool: string): string {
  return JSON.stringify(tool.length <= 100 ? tool : `${tool.slice(0, 100)} …`);
}

/** An order of names that is the same wherever this runs, whatever language it speaks. */
export function inOrder(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

/** Those of a server's tools that would get the name of another: eight digits keep names apart but for a rare chance, or an intention. */
export function clashesOf(server: string, tools: readonly string[]): readonly string[] {
  const sharing = new Map<string, string[]>();
  for (const tool of tools) {
    const { name } = nameOf(server, tool);
    sharing.set(name, [...(sharing.get(name) ?? []), tool]);
  }
  return [...sharing.values()].filter(({ length }) => length > 1).flat();
}

/** FNV-1a over the code units, for half a character is no UTF-8: eight hexadecimal digits that keep names apart. It guards nothing. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  const take = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193);
  };
  for (let index = 0; index < text.length; index++) {
    take(text.charCodeAt(index) & 0xff);
    take(text.charCodeAt(index) >>> 8);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
