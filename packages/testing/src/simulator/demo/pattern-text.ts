/** A part of a pattern: a character that does, if one is known, or a group by its branches; and how often it may stand. */
interface Piece {
  readonly atom: string | undefined | readonly (readonly Piece[])[];
  readonly least: number;
  readonly most: number;
}

/** Which branch of each choice to take, and how much more of what may stand more often. */
interface Way {
  readonly branch: number;
  readonly extra: number;
}

const longest = 1_000;

/**
 * Texts that a simple pattern may match, the shortest first: what is looked at are characters, classes, groups, choices
 * and counts. Whoever takes one has to check it, for what a pattern says of the text around a place is passed over.
 */
export function* textsLike(pattern: string, minLength: number): Generator<string> {
  if (pattern.length > longest) return;
  const branches = readBranches((pattern.match(tokens) ?? []).values());
  for (const branch of [0, 1, 2]) {
    for (const extra of [0, 1, 2, 4, 8, minLength]) {
      const text = write([{ atom: branches, least: 1, most: 1 }], { branch, extra });
      if (text !== undefined) yield text;
    }
  }
}

const tokens =
  /\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[\da-f]{4}|\\x[\da-f]{2}|\\k<[^>]*>|\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?|(?:[*+?]|\{\d+(?:,\d*)?\})\??|./gisu;

const nothing: Piece = { atom: [[]], least: 1, most: 1 };

/** Up to the end of the group. */
function readBranches(left: Iterator<string>): Piece[][] {
  const branches: Piece[][] = [];
  let pieces: Piece[] = [];
  for (let next = left.next(); next.done !== true && next.value !== ")"; next = left.next()) {
    const token = next.value;
    const count = readCount(token);
    if (token === "|") {
      branches.push(pieces);
      pieces = [];
    } else if (count !== undefined) pieces.push({ ...(pieces.pop() ?? nothing), ...count });
    else if (token.startsWith("(")) {
      const atom = readBranches(left);
      pieces.push(/^\(\?<?[=!]/.test(token) ? nothing : { ...nothing, atom });
    } else
      pieces.push(
        ["^", "$", "\\b", "\\B"].includes(token) ? nothing : { ...nothing, atom: characterFor(token) },
      );
  }
  return [...branches, pieces];
}

function readCount(token: string): Pick<Piece, "least" | "most"> | undefined {
  const most = Number.POSITIVE_INFINITY;
  if (/^\*/.test(token)) return { least: 0, most };
  if (/^\+/.test(token)) return { least: 1, most };
  if (/^\?/.test(token)) return { least: 0, most: 1 };
  const [, from, comma, to] = /^\{(\d+)(,?)(\d*)\}/.exec(token) ?? [];
  if (from === undefined) return undefined;
  return { least: Number(from), most: comma === "" ? Number(from) : to === "" ? most : Number(to) };
}

function write(pieces: readonly Piece[], way: Way): string | undefined {
  let text = "";
  for (const { atom, least, most } of pieces) {
    const times = Math.min(most, least + way.extra);
    if (times === 0) continue;
    const once = typeof atom === "object" ? write(branchOf(atom, way), way) : atom;
    if (once === undefined || text.length + once.length * times > longest) return undefined;
    text += once === "" ? "" : once.repeat(times);
  }
  return text;
}

function branchOf(branches: readonly (readonly Piece[])[], { branch }: Way): readonly Piece[] {
  return branches[Math.min(branch, branches.length - 1)] ?? [];
}

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const plainest = [
  ..."abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  ...printable,
  ..."\n\t\r",
];

/** The plainest character that a class or an escape stands for; it may be one that the class itself names. */
function characterFor(source: string): string | undefined {
  if (!/^[\\[.]/.test(source)) return source;
  try {
    const one = new RegExp(`^(?:${source})$`, "u");
    return [...plainest, ...source].find((character) => one.test(character));
  } catch {
    return undefined;
  }
}
