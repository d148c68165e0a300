/** One way to the programs does not work here; another may. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}
