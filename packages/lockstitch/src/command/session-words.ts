import { parseArgs } from "node:util";
import { messageOf } from "@lockstitch/core";

/** The words of a command about a session in a store. */
export interface SessionWords {
  readonly module: string;
  readonly session: string;
  readonly store: string;
  readonly json: boolean;
}

/** The words after the command's name; a text says what is wrong with them. */
export function sessionWords(name: string, words: readonly string[]): SessionWords | string {
  try {
    const options = { store: { type: "string" }, json: { type: "boolean", default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    const [module, session, ...more] = positionals;
    if (module === undefined || session === undefined || more.length > 0)
      return `${name} takes a module and a session.`;
    if (values.store === undefined || values.store === "") return `${name} needs --store <directory>.`;
    return { module, session, store: values.store, json: values.json };
  } catch (error) {
    return messageOf(error);
  }
}
