import { describe, expect, test } from "vitest";
import { refuseMessageRequest } from "../src/index.js";
import { findModel } from "../src/simulator/catalogue.js";
import { judgeCountRequest } from "../src/simulator/validate/validate.js";
import { type PdfParts, pdfBytes, streamOf } from "./pdfs.js";
import {
  assistant,
  expectRefusal,
  type Fields,
  history,
  newest,
  request,
  result,
  text,
  use,
  user,
} from "./request-parts.js";

const place = "messages.1.content.0.pdf.source.base64.data";
const pdfOf = (bytes: Buffer): Fields => ({
  type: "document",
  source: { type: "base64", media_type: "application/pdf", data: bytes.toString("base64") },
});
const pdf = (parts: PdfParts = {}): Fields => pdfOf(pdfBytes(parts));
const plain = pdfBytes();
const invalid = "The PDF specified was not valid.";
const locked = "The PDF specified is password protected.";

describe("a PDF", () => {
  test.each<[what: string, bytes: Buffer]>([
    ["a whole one", plain],
    ["one with something before its beginning", Buffer.concat([Buffer.from("\n\n"), plain])],
    ["one with something behind its end", Buffer.concat([plain, Buffer.from("\0\0\n")])],
    ["one with its pages packed", pdfBytes({ isPacked: true })],
    ["one that speaks of what encryption is", pdfBytes({ more: streamOf("/Encrypt 5 0 R") })],
    ["one that names metadata alone", pdfBytes({ more: "5 0 obj\n<< /EncryptMetadata false >>\nendobj\n" })],
    ["one whose pack of objects is broken", pdfBytes({ more: brokenPack() })],
  ])("is taken: %s", (_, bytes) => {
    expect(refuseMessageRequest(history(user(pdfOf(bytes))), newest)).toBeUndefined();
  });

  test.each<[what: string, bytes: Buffer, words: string]>([
    ["one that is cut", plain.subarray(0, -7), invalid],
    ["half of one", plain.subarray(0, plain.length / 2), invalid],
    ["a beginning and an end", Buffer.from("%PDF-1.7\n%%EOF\n"), invalid],
    ["one without a page", pdfBytes({ pages: 0 }), invalid],
    ["one that is encrypted", pdfBytes({ trailer: "/Encrypt 5 0 R " }), locked],
    ["one that says there how", pdfBytes({ trailer: "/Encrypt<</Filter/Standard>> " }), locked],
    ["an encrypted one with streams", pdfBytes({ more: streamOf("x"), trailer: "/Encrypt 5 0 R" }), locked],
    [
      "an encrypted one whose trailer is a stream's",
      pdfBytes({ more: "8 0 obj\n<< /Type /XRef /Encrypt 5 0 R >>\nstream\nx\nendstream\nendobj\n" }),
      locked,
    ],
  ])("is refused: %s", (_, bytes, words) => {
    expectRefusal(history(user(pdfOf(bytes))), `${place}: ${words}`);
  });

  test("is refused inside a tool's result, and by the place it has there", () => {
    const holding = (bytes: Buffer): Fields =>
      history(assistant(use("a")), user(result("a", { content: [pdfOf(bytes)] })));
    expect(refuseMessageRequest(holding(plain), newest)).toBeUndefined();
    expectRefusal(
      holding(plain.subarray(0, -7)),
      `messages.2.content.0.tool_result.content.0.pdf.source.base64.data: ${invalid}`,
    );
  });
});

describe("the pages of a request", () => {
  const tooMany = (limit: number, where = place): string =>
    `${where}: A maximum of ${limit} PDF pages may be provided.`;
  const small = "claude-haiku-4-5";
  const medium = {
    ...newest,
    findModel: () => ({ ...findModel(small), contextWindow: 999_999 }) as never,
  };

  test.each([
    ["claude-haiku-5-5", 600],
    [small, 100],
    ["claude-sonnet-4-5", 100],
  ])("of %s are %i", (model, limit) => {
    const holding = (pages: number): Fields => ({ ...history(user(pdf({ pages }))), model });
    expect(refuseMessageRequest(holding(limit), newest)).toBeUndefined();
    expectRefusal(holding(limit + 1), tooMany(limit));
  });

  test("are 100 in any window below a million tokens, and 600 where a beta makes it as large", () => {
    const holding = (pages: number): Fields => ({ ...history(user(pdf({ pages }))), model: small });
    expect(refuseMessageRequest(holding(101), medium)).toBe(tooMany(100));
    const betas = ["context-1m-2025-08-07"];
    expect(refuseMessageRequest(holding(600), { ...newest, betas })).toBeUndefined();
    expect(refuseMessageRequest(holding(601), { ...newest, betas })).toBe(tooMany(600));
  });

  test("are those of all its PDFs, of old turns and tool results too", () => {
    const holding = (pages: number): Fields =>
      request({
        messages: [
          user(pdf({ pages: 300 }), text("a")),
          assistant(use("a")),
          user(result("a", { content: [pdf({ pages: 200 })] })),
          assistant(text("b")),
          user(pdf({ pages, isPacked: true })),
        ],
      });
    expect(refuseMessageRequest(holding(100), newest)).toBeUndefined();
    expectRefusal(holding(101), tooMany(600, "messages.4.content.0.pdf.source.base64.data"));
  });

  test("are counted where the tree of them is packed", () => {
    expectRefusal(history(user(pdf({ pages: 601, isPacked: true }))), tooMany(600));
  });

  test("are those of its last version", () => {
    const shorter = "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 3 >>\nendobj\n";
    expect(refuseMessageRequest(history(user(pdf({ pages: 601, more: shorter }))), newest)).toBeUndefined();
  });

  test("are those that the root of its tree says, not those of a branch", () => {
    const branch = "7 0 obj\n<< /Type /Pages /Parent 2 0 R /Count 300 >>\nendobj\n";
    expectRefusal(history(user(pdf({ pages: 601, more: branch }))), tooMany(600));
  });

  test("are not known where they stand elsewhere, and nothing is said of them", () => {
    const elsewhere = "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 8 0 R >>\nendobj\n";
    expect(refuseMessageRequest(history(user(pdf({ pages: 601, more: elsewhere }))), newest)).toBeUndefined();
  });

  test("matter where tokens are counted, too", () => {
    const { model, messages } = history(user(pdf({ pages: 601 })));
    expect(judgeCountRequest({ model, messages }, newest)).toMatchObject({
      status: 400,
      error: { type: "invalid_request_error", message: tooMany(600) },
    });
  });
});

function brokenPack(): string {
  return "8 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\nbroken\nendstream\nendobj\n";
}
