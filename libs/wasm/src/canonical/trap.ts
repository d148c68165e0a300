/** A guest broke a rule of the canonical ABI. Its instance must not run again. */
export class GuestFault extends Error {
  override readonly name = 'GuestFault';
}

export const faultIf = (broken: boolean, rule: string): void => {
  if (broken) throw new GuestFault(rule);
};
