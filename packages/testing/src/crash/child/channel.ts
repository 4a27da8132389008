import type { CrashEffects, CrashFound } from "../subject.js";
import type { FromChild, Question, ToChild } from "../words.js";

/** The way to the process that plays. */
export interface Channel {
  send(word: FromChild): void;
  ask(question: Question): Promise<unknown>;
  /** Resolves with the next word of this type. */
  next<Type extends ToChild["type"]>(type: Type): Promise<Extract<ToChild, { type: Type }>>;
  /** Says a last word and ends the process. */
  end(word: FromChild): void;
}

/** Opens the channel that `fork()` gave this process. The process dies with the one that plays. */
export function openChannel(): Channel {
  const answers = new Map<number, (value: unknown) => void>();
  const listeners = new Set<(word: ToChild) => void>();
  let questions = 0;
  process.on("disconnect", () => process.exit());
  process.on("message", (word: ToChild) => {
    if (word.type === "answer") answers.get(word.question)?.(word.value);
    else for (const listener of [...listeners]) listener(word);
  });
  const send = (word: FromChild): void => void process.send?.(word);
  return {
    send,
    ask(ask) {
      questions += 1;
      const question = questions;
      return new Promise((resolve) => {
        answers.set(question, resolve);
        send({ type: "question", question, ask });
      });
    },
    next: (type) =>
      new Promise((resolve) => {
        const listener = (word: ToChild): void => {
          if (!isOf(word, type)) return;
          listeners.delete(listener);
          resolve(word);
        };
        listeners.add(listener);
      }),
    end: (word) => void process.send?.(word, () => process.exit()),
  };
}

function isOf<Type extends ToChild["type"]>(
  word: ToChild,
  type: Type,
): word is Extract<ToChild, { type: Type }> {
  return word.type === type;
}

/** Effects that the process that plays keeps count of. */
export function effectsOver({ ask }: Channel): CrashEffects {
  return {
    perform: ({ toolUseId, idempotencyKey }, value = null) =>
      ask({ type: "perform", toolUseId, idempotencyKey, value }),
    find: async ({ toolUseId, idempotencyKey }) =>
      (await ask({ type: "find", toolUseId, idempotencyKey })) as CrashFound,
  };
}
