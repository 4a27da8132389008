import { editedAt, type Step } from "./cache-driver.js";

export const cases: Readonly<Record<string, readonly Step[]>> = {
  "nothing is cached unless a marker says so": [
    { blocks: 3, expected: { read: 0 } },
    { blocks: 3, expected: { read: 0 } },
  ],
  "what a marker wrote is read, and the rest of the prompt is paid for": [
    { blocks: 3, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 3, marks: { 2: "5m" }, expected: { read: 2 } },
  ],
  "a conversation that grows reads what it wrote and writes the rest": [
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 4, marks: { 4: "5m" }, expected: { read: 2, to5m: 4 } },
    { blocks: 6, marks: { 6: "5m" }, expected: { read: 4, to5m: 6 } },
  ],
  "without a marker nothing is read, however much is stored": [
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 2, expected: { read: 0 } },
  ],
  "a marker further up does not see what is stored further down": [
    { blocks: 4, marks: { 4: "5m" }, expected: { read: 0, to5m: 4 } },
    { blocks: 4, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
  ],
  "only what ended with a marker is stored, not every block on the way": [
    { blocks: 4, marks: { 4: "5m" }, expected: { read: 0, to5m: 4 } },
    { blocks: 3, marks: { 3: "5m" }, expected: { read: 0, to5m: 3 } },
  ],
  "four markers write four prefixes, paid for once": [
    { blocks: 5, marks: { 1: "5m", 2: "5m", 3: "5m", 4: "5m" }, expected: { read: 0, to5m: 4 } },
    { blocks: 5, marks: { 1: "5m" }, expected: { read: 1 } },
    { blocks: 5, marks: { 3: "5m" }, expected: { read: 3 } },
  ],
  "the automatic marker is on the last block": [
    { blocks: 2, automatic: "5m", expected: { read: 0, to5m: 2 } },
    { blocks: 4, automatic: "5m", expected: { read: 2, to5m: 4 } },
  ],
  "the automatic marker works with others, and has a lifetime of its own": [
    { blocks: 4, marks: { 2: "1h" }, automatic: "5m", expected: { read: 0, to1h: 2, to5m: 4 } },
    { blocks: 5, marks: { 2: "1h" }, automatic: "5m", expected: { read: 4, to5m: 5 } },
  ],
  "a step of 19 blocks still finds what is stored": [
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 21, marks: { 21: "5m" }, expected: { read: 2, to5m: 21 } },
  ],
  "a step of 20 blocks does not": [
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 22, marks: { 22: "5m" }, expected: { read: 0, to5m: 22 } },
  ],
  "a second marker on the way carries a step of twice that": [
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 40, marks: { 21: "5m", 40: "5m" }, expected: { read: 2, to5m: 40 } },
  ],
  "of what the markers find, the longest is read": [
    { blocks: 30, marks: { 2: "5m", 25: "5m" }, expected: { read: 0, to5m: 25 } },
    { blocks: 30, marks: { 3: "5m", 30: "5m" }, expected: { read: 25, to5m: 30 } },
  ],
  "five minutes are over after five minutes": [
    { blocks: 2, marks: { 2: "5m" }, at: 0, expected: { read: 0, to5m: 2 } },
    { blocks: 2, marks: { 2: "5m" }, at: 300, expected: { read: 0, to5m: 2 } },
  ],
  "and not before; each time it is read it lives on": [
    { blocks: 2, marks: { 2: "5m" }, at: 0, expected: { read: 0, to5m: 2 } },
    { blocks: 2, marks: { 2: "5m" }, at: 299, expected: { read: 2 } },
    { blocks: 2, marks: { 2: "5m" }, at: 598, expected: { read: 2 } },
    { blocks: 2, marks: { 2: "5m" }, at: 898, expected: { read: 0, to5m: 2 } },
  ],
  "reading a longer prefix keeps the shorter ones alive that it is made of": [
    { blocks: 4, marks: { 1: "5m", 4: "5m" }, at: 0, expected: { read: 0, to5m: 4 } },
    { blocks: 4, marks: { 4: "5m" }, at: 200, expected: { read: 4 } },
    { blocks: 1, marks: { 1: "5m" }, at: 400, expected: { read: 1 } },
  ],
  "reading a shorter prefix does not keep the longer one alive": [
    { blocks: 4, marks: { 1: "5m", 4: "5m" }, at: 0, expected: { read: 0, to5m: 4 } },
    { blocks: 1, marks: { 1: "5m" }, at: 200, expected: { read: 1 } },
    { blocks: 4, marks: { 4: "5m" }, at: 400, expected: { read: 1, to5m: 4 } },
  ],
  "an hour is over after an hour, and is renewed for an hour": [
    { blocks: 2, marks: { 2: "1h" }, at: 0, expected: { read: 0, to1h: 2 } },
    { blocks: 2, marks: { 2: "1h" }, at: 3_599, expected: { read: 2 } },
    { blocks: 2, marks: { 2: "1h" }, at: 7_198, expected: { read: 2 } },
    { blocks: 2, marks: { 2: "1h" }, at: 10_798, expected: { read: 0, to1h: 2 } },
  ],
  "lifetimes are told apart, and the shorter one ends first": [
    { blocks: 4, marks: { 2: "1h", 4: "5m" }, at: 0, expected: { read: 0, to1h: 2, to5m: 4 } },
    { blocks: 4, marks: { 2: "1h", 4: "5m" }, at: 600, expected: { read: 2, to5m: 4 } },
  ],
  "nobody reads what another key has written": [
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
    { blocks: 2, marks: { 2: "5m" }, key: "sk-other", expected: { read: 0, to5m: 2 } },
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 2 } },
  ],
  "nor what was written for another model": [
    { blocks: 2, marks: { 2: "5m" }, change: () => ({ model: "our-twin" }), expected: { read: 0, to5m: 2 } },
    { blocks: 2, marks: { 2: "5m" }, expected: { read: 0, to5m: 2 } },
  ],
  "an edited block is another prefix from there on": [
    { blocks: 4, marks: { 1: "5m", 4: "5m" }, expected: { read: 0, to5m: 4 } },
    { blocks: 4, marks: { 1: "5m", 4: "5m" }, change: editedAt(3), expected: { read: 1, to5m: 4 } },
  ],
};
