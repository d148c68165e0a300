/** The first few of some names, and how many more there are. */
export function namesOf(names: readonly string[], shown: number, count = names.length): string {
  const told = names.slice(0, shown);
  const rest = count - told.length;
  return rest > 0 ? `${told.join(', ')} and ${rest} more` : told.join(', ');
}
