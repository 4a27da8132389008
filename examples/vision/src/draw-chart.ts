import { crc32, deflateSync } from "node:zlib";

/** A bar of a chart: a label of letters and digits that are in `font`, and a value from 0 to 100. */
export interface Bar {
  readonly label: string;
  readonly value: number;
}

/** In pixels: how large it is, where the bars stand, and how much a value of one takes. Its colours are numbers of the palette. */
export const chart = {
  width: 320,
  height: 240,
  floor: 210,
  left: 34,
  gap: 26,
  barWidth: 44,
  scale: 1.9,
  barColor: 3,
} as const;
const { width, height, floor, left, gap, barWidth, scale, barColor } = chart;
const palette = [255, 255, 255, 40, 40, 40, 210, 210, 210, 46, 110, 180];
const [ink, grid] = [1, 2];

/** Three dots wide and five high, row by row. */
const font: Readonly<Record<string, string>> = {
  ...{ "0": "75557", "1": "26227", "2": "71747", "3": "71717", "4": "55711" },
  ...{ "5": "74717", "6": "74757", "7": "71122", "8": "75757", "9": "75717", Q: "75563" },
};

/** A bar chart as a PNG, with a line for every 20 and the value above each bar. */
export function drawChart(bars: readonly Bar[]): Uint8Array {
  const pixels = Array.from({ length: height }, () => new Uint8Array(width));
  const fill = (x: number, y: number, across: number, down: number, color: number) => {
    for (const row of pixels.slice(y, y + down)) row.fill(color, x, x + across);
  };
  const write = (text: string, x: number, y: number) => {
    [...text].forEach((character, place) => {
      [...(font[character] ?? "")].forEach((dots, row) => {
        for (const column of [0, 1, 2])
          if (Number(dots) & (4 >> column)) fill(x + place * 12 + column * 3, y + row * 3, 3, 3, ink);
      });
    });
  };
  for (const value of [20, 40, 60, 80, 100]) fill(left, floor - value * scale, width - left - 6, 1, grid);
  bars.forEach(({ label, value }, index) => {
    const x = left + gap / 2 + index * (barWidth + gap);
    const top = floor - Math.round(value * scale);
    fill(x, top, barWidth, floor - top, barColor);
    write(String(value), x + 10, top - 18);
    write(label, x + 10, floor + 6);
  });
  fill(left, floor, width - left - 6, 2, ink);
  return png(pixels);
}

function png(pixels: readonly Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a pixel, each a colour of the palette.
  header.set([8, 3], 8);
  const rows = Buffer.concat(pixels.flatMap((row) => [Buffer.of(0), row]));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette)),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
