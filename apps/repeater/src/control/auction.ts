import type { SpokenHost } from '../speak/inventory.ts';

export interface Wanted {
  readonly kind: 'component' | 'provider';
  readonly id: string;
  readonly constraints: Readonly<Record<string, string>>;
}

/** Whether a host offers itself: it has every label that is asked for, may take something new, and does not run it yet. */
export function bids({ alive, schedulable, labels, components, providers }: SpokenHost, wanted: Wanted): boolean {
  if (!alive || !schedulable) return false;
  const running = wanted.kind === 'component' ? components : providers;
  if (running.has(wanted.id)) return false;
  return Object.entries(wanted.constraints).every(([key, value]) => labels[key] === value);
}
