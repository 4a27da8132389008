import type { Cost, Usage } from "@lockstitch/core";

const grouped = new Intl.NumberFormat("en-US");

/** `1,234` */
function count(number: number): string {
  return grouped.format(number);
}

/** `1 step`, `2 steps` */
export function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** Input of every kind. */
export function inputTokens(usage: Usage): number {
  return usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
}

/** `412 in (300 cached) · 63 out`, as two facts. */
export function usageFacts(usage: Usage): string[] {
  const cached = usage.cache_read_input_tokens;
  const input = `${count(inputTokens(usage))} in`;
  return [cached === 0 ? input : `${input} (${count(cached)} cached)`, `${count(usage.output_tokens)} out`];
}

/** US dollars. An unknown price is never shown as a number. */
export function money(cost: Cost): string {
  if (cost.usd === null) return "cost unknown";
  if (cost.usd === 0) return "$0";
  if (cost.usd < 0.0001) return "< $0.0001";
  return `$${cost.usd.toFixed(cost.usd < 1 ? 4 : 2)}`;
}

/** Milliseconds as a person reads them: `12 ms`, `0.8 s`, `2 min 5 s`. A clock that was set back counts as no time. */
export function duration(milliseconds: number): string {
  if (milliseconds < 100) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${count(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

/** A text's size in UTF-8: `412 B`, `1.2 kB`, `3.4 MB`. */
export function size(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
