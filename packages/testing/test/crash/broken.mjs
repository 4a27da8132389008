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
