import { conceptWords } from "./concepts.js";
import { isDateWord } from "./dates.js";
import { isCountry, isKnownPlace, isRegion, longestName } from "./gazetteer.js";
import { isEmptyWord, plain, stem, titleCase } from "./words.js";

export interface NamedPlace {
  /** As a map would have it: `São Paulo`. */
  readonly name: string;
  /** Named after a comma: `Oslo, Norway`, or the `Texas` of `Paris, Texas`. */
  readonly country?: string;
  /** Only a word that means nothing else, without a capital or a preposition: the "joke" of "Tell me a joke". */
  readonly isGuess?: true;
}

/** How sure it is that a name is a place, from a leftover word to a name in the list. */
type Certainty = 1 | 2 | 3 | 4;

interface Candidate extends NamedPlace {
  readonly certainty: Certainty;
}

interface Token {
  readonly text: string;
  readonly plain: string;
  readonly isCapital: boolean;
  readonly startsSentence: boolean;
}

const placePrepositions = new Set(["in", "at", "near", "around", "from", "to", "between", "for", "of"]);
/** After these a word without a capital is a place; after `for`, `to` and `of` it is more often something else. */
const surePrepositions = new Set(["in", "at", "near", "around", "from", "between"]);
const joiners = new Set(["and", "or", "vs", "versus", "than", "with", ",", "&", "/"]);
const insideNames = new Set([
  "de",
  "do",
  "da",
  "del",
  "di",
  "la",
  "le",
  "es",
  "van",
  "von",
  "am",
  "upon",
  "of",
  "the",
  "sur",
]);
/** "In business", "in cash": after a preposition, and still no place. */
const idioms = new Set(
  "business economy premium class cash total advance detail details short general fact particular case mind".split(
    " ",
  ),
);
const greetings = new Set("ok okay bye goodbye cheers good great wow sorry".split(" "));
const plainVerbs =
  "compare check hows whats lets remind add send open close book delete cancel find convert translate"
    .split(" ")
    .map(stem);

/**
 * The places a text names, in their order. `vocabulary` holds the stems of words that the tools use themselves, which
 * are subjects and not names.
 */
export function readPlaces(text: string, vocabulary: ReadonlySet<string>): NamedPlace[] {
  const tokens = tokenise(text);
  const candidates: Candidate[] = [];
  for (let index = 0; index < tokens.length; ) {
    const found = nameAt(tokens, index, vocabulary, candidates.length > 0);
    if (found) candidates.push(found.candidate);
    index = found ? found.end : index + 1;
  }
  const best = Math.max(0, ...candidates.map(({ certainty }) => certainty));
  const least = Math.min(best, /\b(?:compare|than|vs|versus|or)\b/i.test(text) ? 2 : 3);
  const kept = candidates.filter(({ certainty }) => certainty >= least);
  return unique(kept).map(({ name, country, certainty }) => ({
    name,
    ...(country === undefined ? {} : { country }),
    ...(certainty === 1 ? { isGuess: true } : {}),
  }));
}

/** Names of people, places and things: everything with a capital letter of its own. */
export function readNames(text: string, vocabulary: ReadonlySet<string>): string[] {
  const tokens = tokenise(text);
  const names: string[] = [];
  for (let index = 0; index < tokens.length; ) {
    const end = capitalRun(tokens, index, vocabulary);
    if (end > index) names.push(join(tokens, index, end));
    index = Math.max(end, index + 1);
  }
  return names;
}

function nameAt(
  tokens: readonly Token[],
  index: number,
  vocabulary: ReadonlySet<string>,
  isLater: boolean,
): { candidate: Candidate; end: number } | undefined {
  const before = prepositionBefore(tokens, index);
  const known = knownRun(tokens, index);
  // Places have no indefinite article: "a Joke".
  if (known === index && ["a", "an"].includes(tokens[index - 1]?.plain ?? "")) return undefined;
  const capital = capitalRun(tokens, index, vocabulary);
  const end = Math.max(known, capital);
  if (end > index) {
    const certainty =
      known > index ? 4 : before !== undefined || (isLater && joins(tokens[index - 1])) ? 3 : 2;
    return withCountry(tokens, index, end, certainty);
  }
  const lower = lowerRun(tokens, index, vocabulary);
  if (lower === index) return undefined;
  const sure =
    (before !== undefined && surePrepositions.has(before)) || (isLater && joins(tokens[index - 1]));
  return withCountry(tokens, index, lower, sure ? 3 : 1);
}

function tokenise(text: string): Token[] {
  // Someone who shouts everything has no capitals to tell names by.
  const shouting = !/\p{Ll}/u.test(text);
  const found = text.matchAll(/[\p{L}\p{N}][\p{L}\p{M}\p{N}.'’-]*|[^\s]/gu);
  let startsSentence = true;
  return Array.from(found, ([raw]) => {
    const bare = raw.replace(/['’]s$/u, "").replace(/\.$/u, "");
    const word = shouting ? bare.toLowerCase() : bare;
    const token = {
      text: word,
      plain: plain(word),
      isCapital: /^\p{Lu}/u.test(word),
      startsSentence,
    };
    startsSentence = /[.!?:]$/u.test(raw);
    return token;
  });
}

function prepositionBefore(tokens: readonly Token[], index: number): string | undefined {
  const previous = tokens[index - 1]?.plain === "the" ? tokens[index - 2] : tokens[index - 1];
  return previous && placePrepositions.has(previous.plain) ? previous.plain : undefined;
}

function joins(token: Token | undefined): boolean {
  return token !== undefined && joiners.has(token.plain);
}

/** Where a name from the list ends that begins here; the index itself if none does. */
function knownRun(tokens: readonly Token[], index: number): number {
  for (let end = Math.min(index + longestName, tokens.length); end > index; end--) {
    if (isKnownPlace(join(tokens, index, end))) return end;
  }
  return index;
}

function capitalRun(tokens: readonly Token[], index: number, vocabulary: ReadonlySet<string>): number {
  const first = tokens[index];
  if (!first?.isCapital || isPlainWord(first)) return index;
  // A sentence begins with a capital whatever its first word is.
  if (first.startsSentence && isSubject(first, vocabulary)) return index;
  let end = index + 1;
  while (end < tokens.length) {
    const next = tokens[end];
    if (next?.isCapital && !isPlainWord(next)) end += 1;
    else if (next && insideNames.has(next.plain) && tokens[end + 1]?.isCapital) end += 2;
    else break;
  }
  return end;
}

/** Up to three words without capitals that mean nothing else. */
function lowerRun(tokens: readonly Token[], index: number, vocabulary: ReadonlySet<string>): number {
  let end = index;
  while (end < Math.min(index + 3, tokens.length)) {
    const token = tokens[end];
    if (
      !token ||
      token.isCapital ||
      !/^\p{L}{2,}/u.test(token.text) ||
      idioms.has(token.plain) ||
      isPlainWord(token) ||
      isSubject(token, vocabulary)
    )
      break;
    end += 1;
  }
  return end;
}

function isPlainWord({ plain: word }: Token): boolean {
  const stemmed = stem(word);
  if (isEmptyWord(stemmed) || plainVerbs.includes(stemmed) || greetings.has(word)) return true;
  return isDateWord(word) || joiners.has(word) || placePrepositions.has(word);
}

function isSubject({ plain: word }: Token, vocabulary: ReadonlySet<string>): boolean {
  return vocabulary.has(stem(word)) || conceptWords.has(stem(word));
}

function join(tokens: readonly Token[], from: number, to: number): string {
  return tokens
    .slice(from, to)
    .map(({ text }) => text)
    .join(" ");
}

/**
 * `Oslo, Norway` and `Springfield, Illinois` are one place, `Oslo, Lima` and `Hamar, Moelv and Elverum` are several: a
 * country or a known region goes with the name before it, and so does a name that is no known place and ends the list.
 */
function withCountry(
  tokens: readonly Token[],
  from: number,
  to: number,
  certainty: Certainty,
): { candidate: Candidate; end: number } {
  const text = join(tokens, from, to);
  const name = /\p{Lu}/u.test(text) ? text : titleCase(text);
  const alone = { candidate: { name, certainty }, end: to };
  if (tokens[to]?.plain !== "," || isCountry(name) || isRegion(name)) return alone;
  const known = knownRun(tokens, to + 1);
  const end = Math.max(known, capitalRun(tokens, to + 1, new Set()));
  const after = join(tokens, to + 1, end);
  const endsList = end > to + 1 && known < end && !joins(tokens[to - 2]) && !goesOn(tokens, end);
  if (!isCountry(after) && !isRegion(after) && !/^[A-Z]{2}$/.test(after) && !endsList) return alone;
  const country = /\p{Lu}/u.test(after) ? after : titleCase(after);
  return { candidate: { name, country, certainty }, end };
}

/** Whether another name follows: in "Paris, Texas, please" the second comma joins nothing. */
function goesOn(tokens: readonly Token[], index: number): boolean {
  let next = index;
  while (joins(tokens[next])) next += 1;
  const follows = tokens[next];
  return next > index && (follows?.isCapital === true || knownRun(tokens, next) > next);
}

function unique(candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(
    ({ name }, index) => candidates.findIndex((other) => plain(other.name) === plain(name)) === index,
  );
}
