import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflateSync } from "node:zlib";
import { afterAll, expect, it, vi } from "vitest";
import { drawChart } from "../src/draw-chart.js";

// Processes are started here: seconds on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "vision-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the built example as a user would, without a key. */
function play(...words: string[]) {
  const { ANTHROPIC_API_KEY: _key, ANTHROPIC_AUTH_TOKEN: _token, ...env } = process.env;
  return spawnSync(process.execPath, [main, ...words], { encoding: "utf8", env });
}

const chartOf = (...values: number[]) =>
  drawChart(values.map((value, index) => ({ label: `Q${index + 1}`, value })));

it("reads its chart, has the tool compare the bars, and says what they tell", () => {
  expect(play()).toMatchObject({
    stdout:
      "(Simulated.) Q4 is the highest with 88, 54 more than Q1, the lowest with 34. The total is 221, and 2 of 3 steps go up.\n",
    stderr: "",
    status: 0,
  });
});

it("sees what is in the image: another chart is another answer", () => {
  const path = join(folder, "other.png");
  writeFileSync(path, chartOf(90, 20, 10, 5));
  expect(play(path).stdout).toContain("Q1 is the highest with 90, 85 more than Q4, the lowest with 5.");
});

it("says without a key that it knows no other image", () => {
  const path = join(folder, "photo.jpg");
  // One pixel, with a frame and an end.
  const jpeg =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q==";
  writeFileSync(path, Buffer.from(jpeg, "base64"));
  expect(play(path)).toMatchObject({
    stdout: "(Simulated.) I can measure only the chart that this example draws.\n",
    stderr: "",
    status: 0,
  });
});

it("says what is wrong with a file, and sends nothing", () => {
  expect(play(fileURLToPath(new URL("../README.md", import.meta.url)))).toMatchObject({
    stdout: "",
    stderr: expect.stringMatching(/README\.md is no image that the API takes\. Convert it/),
    status: 1,
  });
});

it("has the chart that its own code draws", () => {
  const pixels = (png: Buffer) => inflateSync(png.subarray(png.indexOf("IDAT") + 4));
  const committed = readFileSync(new URL("../chart.png", import.meta.url));
  expect(pixels(committed).equals(pixels(Buffer.from(chartOf(34, 52, 47, 88))))).toBe(true);
});
