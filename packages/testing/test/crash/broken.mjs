// What the broken agents beside this file have in common: the sound one, with one thing wrong.
import { create, store } from "../../../../scripts/crash-agent.mjs";

export { store };

/** The sound agent with another way to run one of its tools; `run` is given the world's effects and the sound way. */
export function withTool(name, run) {
  return (world) => {
    const subject = create(world);
    const tools = subject.agent.tools.map((tool) =>
      tool.name === name
        ? { ...tool, run: (input, call) => run({ ...world, input, call, sound: tool.run }) }
        : tool,
    );
    return { ...subject, agent: { ...subject.agent, tools } };
  };
}

/** The sound store with another way to post what somebody says; `take` is given the sound way. */
export function withInput(take) {
  return (directory) => {
    const whole = store(directory);
    const post = (session, events, options) => {
      const sound = () => whole.post(session, events, options);
      return events.some(({ type }) => type === "input") ? take(sound) : sound();
    };
    return { ...whole, post };
  };
}
