import { inOrder, pathOf, type Unit } from './unit.ts';

/**
 * Replicas that stay where they are no longer planned, by `cluster/host`: every voluntary move is start, wait Ready, stop.
 * As many of those that serve stay as are not yet Ready where they are planned, so that a move takes nothing away, and a
 * scale-down is not held up.
 */
export function leavingOf(units: readonly Unit[]): Map<string, number> {
  const leaving = new Map<string, number>();
  let missing = 0;
  for (const { planned, ready, reach } of units) if (reach !== 'Lost') missing += Math.max(0, planned - ready);
  for (const unit of inOrder(units)) {
    const kept = Math.min(missing, spareOf(unit));
    if (kept === 0) continue;
    missing -= kept;
    leaving.set(pathOf(unit), kept);
  }
  return leaving;
}

/** Replicas that serve beyond what is planned. */
const spareOf = ({ reach, held, ready, planned }: Unit): number =>
  reach === 'Lost' ? 0 : Math.max(0, Math.min(held, ready) - planned);
