/**
 * Whether JSON Schema's `pattern`, which has no flags, can't say what a regular expression takes. Without its `i`, `/^[a-z]+$/i` would
 * forbid the model "ABC"; a strict tool's grammar would even make another word of it.
 */
export function needsFlags({ flags }: { readonly flags?: string | undefined }): boolean {
  return /[imsvy]/.test(flags ?? "");
}
