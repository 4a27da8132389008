import { deflateSync } from "node:zlib";

/** How a PDF is unlike a plain one of one page. */
export interface PdfParts {
  readonly pages?: number;
  /** More entries of its trailer. */
  readonly trailer?: string;
  /** Objects that stand behind the tree of its pages. */
  readonly more?: string;
  /** Its tree of pages is packed, as most programs pack it. */
  readonly isPacked?: boolean;
}

/** A PDF that is whole, though nothing stands on its pages. */
export function pdfBytes({ pages = 1, trailer = "", more = "", isPacked = false }: PdfParts = {}): Buffer {
  const tree = `<< /Type /Pages /Kids [3 0 R] /Count ${pages} >>`;
  const page = "<< /Type /Page /Parent 2 0 R >>";
  const objects = isPacked ? packed([tree, page]) : `2 0 obj\n${tree}\nendobj\n3 0 obj\n${page}\nendobj\n`;
  return Buffer.from(
    `%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n${objects}${more}` +
      `trailer\n<< /Root 1 0 R ${trailer}>>\nstartxref\n9\n%%EOF\n`,
    "latin1",
  );
}

/** An object with these words in its stream, which nobody but its reader looks at. */
export function streamOf(words: string): string {
  return `9 0 obj\n<< /Length ${words.length} >>\nstream\n${words}\nendstream\nendobj\n`;
}

function packed(objects: readonly string[]): string {
  const places = objects.map(
    (_, index) => `${index + 2} ${objects.slice(0, index).join(" ").length + (index > 0 ? 1 : 0)}`,
  );
  const head = `${places.join(" ")} `;
  const data = deflateSync(Buffer.from(head + objects.join(" "), "latin1")).toString("latin1");
  const entries = `/Type /ObjStm /N ${objects.length} /First ${head.length} /Filter /FlateDecode /Length ${data.length}`;
  return `4 0 obj\n<< ${entries} >>\nstream\n${data}\nendstream\nendobj\n`;
}
