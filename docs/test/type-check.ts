import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type CodeBlock, root } from "./markdown.js";

/** Git ignores it, and imports from there find what is installed at the root. */
const cache = join(root, "node_modules", ".cache");

/**
 * What the compiler has against these blocks, each compiled as a module of its own: one line a complaint,
 * with the file and line of the markdown. Complaints about other files, say a source that a block imports, come as they are.
 */
export async function typeCheck(blocks: readonly CodeBlock[]): Promise<readonly string[]> {
  await mkdir(cache, { recursive: true });
  // A folder of its own, so that two test runs at once don't write into each other's blocks.
  const folder = await mkdtemp(join(cache, "code-blocks-"));
  try {
    const files = blocks.map((_, index) => `block-${index}.mts`);
    await Promise.all(
      blocks.map((block, index) => writeFile(join(folder, `block-${index}.mts`), inPlace(block))),
    );
    const config = { extends: join(root, "tsconfig.test.json"), files, include: [] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    const complaints = await compile(folder);
    return complaints.map((line) => located(line, blocks));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As many lines down as in its document: the compiler's line numbers are then the document's. */
function inPlace({ line, code }: CodeBlock): string {
  return `${"\n".repeat(line - 1)}${code}\n`;
}

async function compile(folder: string): Promise<readonly string[]> {
  const compiler = join(root, "node_modules", ".bin", "tsc");
  const options = ["--noEmit", "--pretty", "false", "-p", folder];
  const output = await promisify(execFile)(compiler, options, { cwd: folder, maxBuffer: 64 * 2 ** 20 }).then(
    () => "",
    (error: Error & { stdout?: string; stderr?: string }) =>
      [error.stdout, error.stderr].filter(Boolean).join("\n") || error.message,
  );
  return output.split("\n").filter((line) => line.trim() !== "");
}

function located(complaint: string, blocks: readonly CodeBlock[]): string {
  const place = complaint.replace(
    /^block-(\d+)\.mts\((\d+),(\d+)\)/,
    (name, index: string, line: string, column: string) => {
      const block = blocks[Number(index)];
      return block === undefined ? name : `${block.path}:${line}:${column}`;
    },
  );
  // Sources are named from the folder that was compiled.
  return place.replace(/^(\.\.\/)+/, "");
}
