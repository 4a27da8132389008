import type { Cost } from "@lockstitch/core";

export type Style = "dim" | "bold" | "red" | "green" | "yellow" | "cyan";

/** One line for a person: `gutter mark title body   facts`. Only the body gives way where the line is too narrow. */
export interface Line {
  /** The frame around a step; none outside of one. */
  readonly gutter?: "┌" | "│" | "└";
  readonly mark?: readonly [Style, string];
  readonly title?: string;
  readonly body?: string | undefined;
  /** How many lines' worth of room the body gets; the terminal breaks them. Default 1. */
  readonly lines?: number;
  /** Of the body. */
  readonly style?: Style;
  readonly facts?: readonly string[];
}

/** What was said, or, where content is not to be shown, its size after the word for what it is. */
export type Say = (text: string, what?: string) => string;

/** What was spent, as a fact, or no fact at all. */
export type Price = (cost: Cost) => string[];
