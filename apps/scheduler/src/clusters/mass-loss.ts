/** Something that fell silent, and when, in milliseconds of a steady clock. */
export interface Silence {
  readonly name: string;
  readonly since: number;
}

const TOGETHER_MS = 60_000;
/** More than this share of a cluster's hosts, and at least so many. */
const HOST_SHARE = 0.55;
const FEWEST_HOSTS = 10;
/** From so many members on, more than half of them is too many. */
const MANY_MEMBERS = 4;

/**
 * Hosts of a cluster that vanished together, so many that the fault is rather between us and them: they are not replaced
 * (DESIGN §4.9). `silent`: those that do not renew, lost already or only late; `hosts`: how many there are in all.
 */
export const vanishedTogether = (silent: readonly Silence[], hosts: number): ReadonlySet<string> =>
  together(silent, (count) => count >= FEWEST_HOSTS && count > HOST_SHARE * hosts);

/**
 * Members that fell silent together, so many that we are rather the isolated one: nothing fails over from them. These are
 * all members there are, whenever each of them fell silent, or more than half of four or more within a minute.
 */
export function silentTogether(silent: readonly Silence[], members: number): ReadonlySet<string> {
  if (members > 0 && silent.length === members) return new Set(silent.map(({ name }) => name));
  return together(silent, (count) => members >= MANY_MEMBERS && count > members / 2);
}

/** All that are in some window of a minute that holds too many. */
function together(silent: readonly Silence[], isTooMany: (count: number) => boolean): ReadonlySet<string> {
  const inTime = silent.toSorted((a, b) => a.since - b.since);
  const names = new Set<string>();
  let first = 0;
  for (const [last, { since }] of inTime.entries()) {
    while (since - (inTime[first]?.since ?? since) > TOGETHER_MS) first += 1;
    if (isTooMany(last - first + 1)) for (const { name } of inTime.slice(first, last + 1)) names.add(name);
  }
  return names;
}
