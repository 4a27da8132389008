/** A stretch of days, counted from today. */
export interface Span {
  /** 0 is today, 1 tomorrow, -1 yesterday. */
  readonly offset: number;
  readonly days: number;
}

const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const months = "january february march april may june july august september october november december".split(
  " ",
);
const counts = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const count = String.raw`(\d+|an?|few|couple of|${counts.join("|")})`;
const month = `(${months.map((name) => `${name}|${name.slice(0, 3)}`).join("|")})`;
const dayMs = 86_400_000;

type Reading = (match: RegExpExecArray, today: number) => Span | undefined;

/** Ways to speak of days. The first that is found wins, so the longer ones stand before those they contain. */
const readings: readonly (readonly [pattern: RegExp, read: Reading])[] = [
  [/\b(\d{4}-\d{2}-\d{2})\b/i, ([, date = ""], today) => onDate(Date.parse(date), today)],
  [/\bthe day after tomorrow\b|\bday after tomorrow\b/i, () => ({ offset: 2, days: 1 })],
  [
    new RegExp(
      String.raw`\b(?:for |over |in |during )?(?:the )?(?:next|coming|following) ${count}?\s*(days?|weeks?)\b`,
      "i",
    ),
    ([, number, unit = ""], today) => (number || /day/i.test(unit) ? ahead(number, unit) : nextWeek(today)),
  ],
  [
    new RegExp(String.raw`\bin ${count} (days?|weeks?)\b`, "i"),
    ([, number, unit = ""]) => at(ahead(number, unit).days),
  ],
  [
    new RegExp(String.raw`\b${count} (days?|weeks?) ago\b`, "i"),
    ([, number, unit = ""]) => at(-ahead(number, unit).days),
  ],
  [
    new RegExp(String.raw`\b${count}[ -](days?|weeks?)\b`, "i"),
    ([, number, unit = ""]) => ahead(number, unit),
  ],
  [
    /\b(?:this|next|the|coming|on the)?\s*weekend\b/i,
    (_, today) => ({ offset: until(6, today, 0), days: 2 }),
  ],
  [/\b(?:this|the|all) week\b/i, () => ({ offset: 0, days: 7 })],
  [/\btomorrow\b/i, () => at(1)],
  [/\byesterday\b/i, () => at(-1)],
  [/\b(?:today|tonight|right now|now|this (?:morning|afternoon|evening))\b/i, () => at(0)],
  [
    new RegExp(String.raw`\b(?:on |this |next |by )?(${weekdays.join("|")})\b`, "i"),
    ([, day = ""], today) => at(until(weekdays.indexOf(day.toLowerCase()), today, 1)),
  ],
  [
    new RegExp(String.raw`\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? ${month}\b(?:,? (\d{4}))?`, "i"),
    ([, day = "", name = "", year], today) => inMonth(name, Number(day), year, today),
  ],
  [
    new RegExp(String.raw`\b${month} (\d{1,2})(?:st|nd|rd|th)?\b(?:,? (\d{4}))?`, "i"),
    ([, name = "", day = "", year], today) => inMonth(name, Number(day), year, today),
  ],
];

/** The days a text speaks of, and the text with those words taken out. `now` is in milliseconds; days are UTC days. */
export function readDates(text: string, now: number): { span: Span | undefined; rest: string } {
  const today = Math.floor(now / dayMs);
  let span: Span | undefined;
  let rest = text;
  for (const [pattern, read] of readings) {
    // "Monday and Tuesday", "from 3 to 5 December": what is said of several days is about all from the first to the last.
    for (let match = pattern.exec(rest); match; match = pattern.exec(rest)) {
      const found = read(match, today);
      if (!found) break;
      span = span ? union(span, found) : found;
      // A bar ends whatever name stands before it.
      rest = `${rest.slice(0, match.index)} | ${rest.slice(match.index + match[0].length)}`;
    }
  }
  return { span, rest };
}

function union(left: Span, right: Span): Span {
  const offset = Math.min(left.offset, right.offset);
  return { offset, days: Math.max(left.offset + left.days, right.offset + right.days) - offset };
}

/** `YYYY-MM-DD` of the day at this distance from today. */
export function isoDate(now: number, offset: number): string {
  return new Date(Math.floor(now / dayMs + offset) * dayMs).toISOString().slice(0, 10);
}

export function isDateWord(word: string): boolean {
  const plural = word.replace(/s$/, "");
  return weekdays.includes(plural) || months.includes(word);
}

function at(offset: number): Span {
  return { offset, days: 1 };
}

function ahead(number: string | undefined, unit: string): Span {
  return { offset: 0, days: countOf(number) * (/week/i.test(unit) ? 7 : 1) };
}

function countOf(word = "one"): number {
  const lower = word.toLowerCase();
  if (/^\d+$/.test(lower)) return Number(lower);
  if (lower === "few") return 3;
  return lower.startsWith("couple") ? 2 : Math.max(1, counts.indexOf(lower));
}

function nextWeek(today: number): Span {
  return { offset: until(1, today, 1), days: 7 };
}

/** Days from today until a weekday, at least so many. The first day of the epoch was a Thursday. */
function until(weekday: number, today: number, least: number): number {
  const distance = (weekday - ((today + 4) % 7) + 7) % 7;
  return distance < least ? distance + 7 : distance;
}

function onDate(milliseconds: number, today: number): Span | undefined {
  return Number.isNaN(milliseconds) ? undefined : at(Math.floor(milliseconds / dayMs) - today);
}

/** Without a year it is the next such day. */
function inMonth(name: string, day: number, year: string | undefined, today: number): Span | undefined {
  const index = months.findIndex((month) => month.startsWith(name.toLowerCase().slice(0, 3)));
  if (day < 1 || day > 31) return undefined;
  const thisYear = new Date(today * dayMs).getUTCFullYear();
  const date = Date.UTC(year ? Number(year) : thisYear, index, day);
  if (year || date >= today * dayMs) return onDate(date, today);
  return onDate(Date.UTC(thisYear + 1, index, day), today);
}
