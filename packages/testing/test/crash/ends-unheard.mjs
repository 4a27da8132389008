import { store as sound } from "./broken.mjs";

export { canBeSteered, create } from "../../../../scripts/crash-agent.mjs";

/** Commits whatever it is given, also what was decided before somebody spoke. */
export function store(directory) {
  const whole = sound(directory);
  const open = async (session, owner) => {
    const log = await whole.open(session, owner);
    return { ...log, append: (bodies, { barrier } = {}) => log.append(bodies, { barrier }) };
  };
  return { ...whole, open };
}
