import { type Agent, tool } from "lockstitch";
import { z } from "zod";

const bar = z.object({
  label: z.string().describe("As it stands below the bar"),
  value: z.number().describe("As it stands above the bar, or as the axis says"),
});

/** Models see well, and calculate less well: what was read goes to a tool. */
const compareBars = tool({
  name: "compare_bars",
  description:
    "Compare the values that were read off a bar chart: the highest, the lowest, the total and the trend.",
  input: z.object({ bars: z.array(bar).min(2) }),
  effects: "none",
  run: ({ bars }) => {
    const sorted = [...bars].sort((left, right) => right.value - left.value);
    const [highest, lowest] = [sorted[0]!, sorted.at(-1)!];
    const rises = bars.filter(({ value }, index) => index > 0 && value > bars[index - 1]!.value).length;
    return {
      highest,
      lowest,
      difference: highest.value - lowest.value,
      total: bars.reduce((sum, { value }) => sum + value, 0),
      rises: `${rises} of ${bars.length - 1}`,
    };
  },
});

export const agent: Agent = {
  name: "chart reader",
  system:
    "You read charts. Read off every value, compare them with compare_bars, and say what they tell in two sentences.",
  tools: [compareBars],
};
