import type { Toleration } from '@kasmcloud/kube-api';
import type { Taint } from '../model/snapshot.ts';

/** Whether one toleration matches a taint, as Kubernetes judges it; an empty key with `Exists` matches every taint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
  const anyKey = toleration.key === undefined || toleration.key === '';
  if (toleration.operator === 'Exists') return anyKey || toleration.key === taint.key;
  return toleration.key === taint.key && (toleration.value ?? '') === (taint.value ?? '');
}

/** `Evict`: what runs must go. `Refuse`: nothing new. `Avoid`: only if there is no better host. */
export type TaintVerdict = 'Pass' | 'Avoid' | 'Refuse' | 'Evict';

export function judgeTaints(taints: readonly Taint[], tolerations: readonly Toleration[]): TaintVerdict {
  if (taints.length === 0) return 'Pass';
  const verdicts = taints.map((taint) => judgeTaint(taint, tolerations));
  for (const verdict of ['Evict', 'Refuse', 'Avoid'] as const) if (verdicts.includes(verdict)) return verdict;
  return 'Pass';
}

function judgeTaint(taint: Taint, tolerations: readonly Toleration[]): TaintVerdict {
  const matching = tolerations.filter((toleration) => tolerates(toleration, taint));
  switch (taint.effect) {
    case 'PreferNoSchedule':
      return matching.length > 0 ? 'Pass' : 'Avoid';
    case 'NoSchedule':
      return matching.length > 0 ? 'Pass' : 'Refuse';
    case 'NoExecute': {
      if (matching.length === 0) return 'Evict';
      // The longest patience counts; one without `seconds` never ends.
      const patience = Math.max(...matching.map((toleration) => toleration.seconds ?? Infinity));
      return (taint.ageSeconds ?? 0) < patience ? 'Pass' : 'Evict';
    }
  }
}
