import { inflateSync } from "node:zlib";
import type { Mind } from "@lockstitch/testing";
import { type Bar, chart } from "./draw-chart.js";

/**
 * Stands in for Claude where there is no key: it measures the bars of a chart that `draw-chart.ts` drew, pixel by pixel, and knows
 * nothing of any other image.
 */
export const offlineMind: Mind = ({ messages }) => {
  const blocks = messages.flatMap(({ content }) => (typeof content === "string" ? [] : content));
  const results = blocks.flatMap((block) => (block.type === "tool_result" ? [String(block.content)] : []));
  const [result] = results;
  if (result !== undefined) return { content: answer(JSON.parse(result) as Comparison) };
  const data = blocks.flatMap((block) =>
    block.type === "image" && block.source.type === "base64" ? [block.source.data] : [],
  );
  const bars = data[0] === undefined ? [] : measure(Buffer.from(data[0], "base64"));
  if (bars.length < 2)
    return { content: "(Simulated.) I can measure only the chart that this example draws." };
  return { content: [{ type: "tool_use", name: "compare_bars", input: { bars } }] };
};

interface Comparison {
  readonly highest: Bar;
  readonly lowest: Bar;
  readonly difference: number;
  readonly total: number;
  readonly rises: string;
}

function answer({ highest, lowest, difference, total, rises }: Comparison): string {
  return (
    `(Simulated.) ${highest.label} is the highest with ${highest.value}, ${difference} more than ${lowest.label}, the lowest with ${lowest.value}. ` +
    `The total is ${total}, and ${rises} steps go up.`
  );
}

/** In the middle of each bar, the pixels of its colour. None in an image that `drawChart` can't have drawn. */
function measure(image: Buffer): readonly Bar[] {
  const { width, height, floor, left, gap, barWidth, scale, barColor } = chart;
  const isChart =
    image.toString("latin1", 1, 4) === "PNG" &&
    image.readUInt32BE(16) === width &&
    image.readUInt32BE(20) === height;
  if (!isChart) return [];
  const pixels = pixelsOf(image);
  const heightAt = (x: number) =>
    Array.from({ length: floor }, (_, y) => pixels[y * (width + 1) + 1 + x]).filter(
      (color) => color === barColor,
    ).length;
  const centres = [0, 1, 2, 3].map((index) => left + gap / 2 + index * (barWidth + gap) + barWidth / 2);
  return centres
    .map((x, index) => ({ label: `Q${index + 1}`, value: Math.round(heightAt(x) / scale) }))
    .filter(({ value }) => value > 0);
}

/** A PNG is a row of chunks, each with its length, its name and its checksum. */
function pixelsOf(png: Buffer): Buffer {
  const data: Buffer[] = [];
  for (let at = 8; at + 12 <= png.length; at += 12 + png.readUInt32BE(at)) {
    const name = png.toString("latin1", at + 4, at + 8);
    if (name === "IDAT") data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return inflateSync(Buffer.concat(data));
}
