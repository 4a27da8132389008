import type { Mind } from "../mind.js";

/** Asks one mind after the other, and takes the first reply. Passes if all of them pass. */
export function firstOf(...minds: readonly Mind[]): Mind {
  return async (request, context) => {
    for (const mind of minds) {
      const reply = await mind(request, context);
      if (reply !== undefined) return reply;
    }
    return undefined;
  };
}

/** A mind for each model, by the id that the request names, letter for letter. Passes for every other model. */
export function byModel(minds: Readonly<Record<string, Mind>>): Mind {
  const found = new Map(Object.entries(minds));
  return (request, context) => found.get(request.model)?.(request, context);
}
