/** The patch is malformed, or does not apply to the document; nothing was changed. */
export class PatchError extends Error {
  override readonly name = 'PatchError';
}
