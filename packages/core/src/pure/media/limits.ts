/**
 * Of one file, in characters of base64: of an image 10 MB; of a PDF what leaves room for all else in a request of 32 MB. Source: the API's
 * documentation of vision and of PDFs.
 */
export const longestInBase64 = { image: 10_000_000, document: 24_000_000 } as const;

/** The bytes of a file that an image or a document may have at most: three of them make four characters of base64. */
export const maxMediaBytes: { readonly image: number; readonly document: number } = {
  image: (longestInBase64.image / 4) * 3,
  document: (longestInBase64.document / 4) * 3,
};
