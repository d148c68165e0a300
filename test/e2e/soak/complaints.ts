import type { SoakReport } from './soak.ts';

/**
 * Growth beyond it is more than the breathing of heaps, and of their warming up, which takes ten minutes: with a second
 * quarter of 320 MB after 75 s they are at 360 MB after 300 s, and from there to the end of half an hour 2 % are added.
 */
const growthOf = (seconds: number): number => {
  if (seconds > 600) return 1.15;
  return seconds > 120 ? 1.3 : 1.4;
};
const SOCKETS = 20;

/** What must not happen and did: something lost to updates, or something left over when what was asked for it has ended. */
export function complaintsOf({ lanes, usage }: SoakReport, seconds: number): string[] {
  const found: string[] = [];
  for (const name of ['http', 'wrpc', 'keyvalue', 'limits', 'updates', 'passing'] as const) {
    const { answered, lost } = lanes[name];
    if (lost.length > 0) found.push(`${name}: ${lost.length} lost: ${[...new Set(lost)].join('; ')}`);
    if (answered < seconds / 4) found.push(`${name}: only ${answered} answered`);
  }
  // Their host is killed twice, and it spins: they fail meanwhile, and go on afterwards.
  const { answered, lost } = lanes.calls;
  if (answered < lost.length * 2) found.push(`calls: ${answered} answered and ${lost.length} lost`);
  const { early, late } = usage;
  if (late.bytes > early.bytes * growthOf(seconds))
    found.push(`memory grew from ${early.bytes} to ${late.bytes} bytes`);
  if (late.descriptors > early.descriptors + SOCKETS) {
    found.push(`descriptors grew from ${early.descriptors} to ${late.descriptors}`);
  }
  return found;
}
