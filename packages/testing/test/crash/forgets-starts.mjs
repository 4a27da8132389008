import { store as sound } from "./broken.mjs";

export { create } from "../../../../scripts/crash-agent.mjs";

/** Commits everything but that `send` starts. */
export function store(directory) {
  const whole = sound(directory);
  const isKept = ({ type, name }) => type !== "tool.start" || name !== "send";
  const open = async (session, owner) => {
    const log = await whole.open(session, owner);
    return { ...log, append: (bodies, options) => log.append(bodies.filter(isKept), options) };
  };
  return { ...whole, open };
}
