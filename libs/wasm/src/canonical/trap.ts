/** A guest broke a rule of the canonical ABI. Its instance must not run again. */
export class GuestFault extends Error {
  override readonly name = 'GuestFault';
}

/** For rules whose text is there already: one that has to be put together would be for every value that keeps them. */
export const faultIf = (broken: boolean, rule: string): void => {
  if (broken) throw new GuestFault(rule);
};
