/** Something that whoever called `kasm` can put right: shown as one message, without a stack. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}
