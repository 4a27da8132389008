/** Words that say nothing about the subject: they are in every question and in every description. */
const emptyWords = new Set(
  `a about all also am an and any are as ask at be been being but by can could did do doe doing for from get give
  had has have having he help her here hey hi hello him his how i if in into is it its just kindly know let like me
  more my need no not of off on one or our out over please she should so some such tell than thank thanks that versus vs the
  their them then there these they thing this those to too tool up us use used using very want was we were what when
  where which while who whom whose why will with within without would you your yes dear return input value specify
  given e.g eg etc i.e ie optional required default example parameter argument s t m re ve ll d`
    .split(/\s+/)
    .map(stem),
);

/** Lower case without accents: `São` and `sao` are the same word. */
export function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** The words of a text or a name (`getWeather`, `get_weather`), each cut down to its stem. */
export function stems(text: string): string[] {
  const split = text.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2");
  return (plain(split).match(/[\p{L}\p{N}]+/gu) ?? []).map(stem);
}

/** The stems that carry a meaning. */
export function meaningfulStems(text: string): string[] {
  return stems(text).filter((word) => !isEmptyWord(word));
}

export function isEmptyWord(word: string): boolean {
  return emptyWords.has(word);
}

/** A rough stem: it only has to be the same for the question and the tool. */
export function stem(word: string): string {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.endsWith("sses")) return word.slice(0, -2);
  if (word.length > 5 && word.endsWith("ing")) return word.slice(0, -3);
  if (word.length > 4 && word.endsWith("ed")) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith("s") && !word.endsWith("ss")) return word.slice(0, -1);
  return word;
}

/** The beginning of a text. Half a surrogate pair at the cut is left out: in a tool's input the API would refuse it. */
export function beginning(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}

/** `Oslo`, `Oslo and Lima`, `Oslo, Lima and Rome`. */
export function enumeration(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

export function titleCase(text: string): string {
  return text.replace(/(^|[\s-])(\p{Ll})/gu, (_, gap: string, letter: string) => gap + letter.toUpperCase());
}
