import { inOrder, isHere, pathOf, type Unit } from './unit.ts';

/**
 * Replicas that stay where they are no longer planned, by `cluster/host`: every voluntary move is start, wait Ready, stop.
 * As many of those that serve stay as are not yet Ready where they are planned, so that a move takes nothing away, and a
 * scale-down is not held up. While any more are missing, all stay that are in a lost cluster: should it come back before
 * they are replaced, they still serve.
 */
export function leavingOf(units: readonly Unit[]): Map<string, number> {
  const leaving = new Map<string, number>();
  let missing = 0;
  for (const unit of units) if (isHere(unit)) missing += Math.max(0, unit.planned - unit.ready);
  if (missing === 0) return leaving;
  const spare = inOrder(units.filter((unit) => spareOf(unit) > 0));
  for (const unit of spare) {
    if (unit.reach === 'Away') continue;
    const kept = Math.min(missing, spareOf(unit));
    if (kept > 0) leaving.set(pathOf(unit), kept);
    missing -= kept;
  }
  if (missing === 0) return leaving;
  for (const unit of spare) if (unit.reach === 'Away') leaving.set(pathOf(unit), spareOf(unit));
  return leaving;
}

/** Replicas that serve beyond what is planned; in a lost cluster, those that may. */
function spareOf({ reach, held, ready, planned }: Unit): number {
  switch (reach) {
    case 'Lost':
      return 0;
    case 'Away':
      return Math.max(0, held - planned);
    case 'Reachable':
    case 'Frozen':
      return Math.max(0, Math.min(held, ready) - planned);
  }
}
