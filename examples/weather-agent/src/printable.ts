/**
 * What a terminal would obey instead of showing: control characters but for the line's end and the tab, and the marks that
 * reorder text. An answer quotes what tools say, and tools say what strangers wrote.
 */
const commands = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text with a visible sign for each of them: `␛` for the ESC that begins a terminal's commands. */
export function printable(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(commands, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "␡" : "\ufffd";
  });
}

/** JSON on one line that says the same and has none of them either: they are escaped. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    commands,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
