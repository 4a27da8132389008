/** Each character one byte. */
export function latin(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

const number = (value: number, bytes: number) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};
const reversed = (value: number, bytes: number) => number(value, bytes).reverse();

/** The smallest files that begin and end as whole ones do; what they show is not in them. Sizes in pixels. */
export function pngOf(width: number, height: number): Buffer {
  const header = [latin("\0\0\0\rIHDR"), number(width, 4), number(height, 4), latin("\x08\x03\0\0\0crc!")];
  const rest = latin("\0\0\0\0IDAT5\xaf\x06\x1e\0\0\0\0IEND\xaeB`\x82");
  return Buffer.concat([latin("\x89PNG\r\n\x1a\n"), ...header, rest]);
}

export function jpegOf(width: number, height: number): Buffer {
  const frame = [latin("\xff\xc0\0\x0b\x08"), number(height, 2), number(width, 2), latin("\x01\x01\x11\0")];
  const scan = latin("\xff\xda\0\x08\x01\x01\0\0\x3f\0data");
  return Buffer.concat([latin("\xff\xd8\xff\xe0\0\x04ab"), ...frame, scan, latin("\xff\xd9")]);
}

export function gifOf(width: number, height: number): Buffer {
  const size = [reversed(width, 2), reversed(height, 2)];
  return Buffer.concat([latin("GIF89a"), ...size, latin("\0\0\0,\0\0\0\0"), ...size, latin("\0\x02\0;")]);
}

export function webpOf(width: number, height: number): Buffer {
  const header = [latin("WEBPVP8X\x0a\0\0\0\0\0\0\0"), reversed(width - 1, 3), reversed(height - 1, 3)];
  const rest = Buffer.concat([...header, latin("VP8 \x0a\0\0\0"), Buffer.alloc(10)]);
  return Buffer.concat([latin("RIFF"), reversed(rest.length, 4), rest]);
}

/** `trailer` and `more` stand among the entries of the trailer, and behind the first object. */
export function pdfOf({
  pages,
  trailer = "",
  more = "",
}: {
  pages: number;
  trailer?: string;
  more?: string;
}): Buffer {
  const tree = `1 0 obj\n<< /Type /Pages /Kids [] /Count ${pages} >>\nendobj\n`;
  return latin(`%PDF-1.7\n${tree}${more}trailer\n<< /Root 2 0 R ${trailer}>>\nstartxref\n9\n%%EOF\n`);
}
