import type { Unplaced } from '@kasmcloud/placement';
import type { UnplacedCause } from './report.ts';
import { filterWords, plural } from './words.ts';

/** A reason of the planner in words. */
export function causesOf(unplaced: Unplaced): UnplacedCause {
  const { reason, blockers, hosts } = unplaced;
  return { code: reason, message: messageOf(unplaced), hosts: affected(reason, hosts), blockers };
}

/** `Code: message [blockers]`. */
export const causeText = ({ code, message, blockers }: UnplacedCause): string =>
  `${code}: ${message}${blockers.length === 0 ? '' : ` [${blockers.join(', ')}]`}`;

/** A filter refuses the hosts behind it; everything else keeps the eligible ones from taking more. */
function affected(reason: Unplaced['reason'], hosts: Unplaced['hosts']): number {
  if (reason !== 'NoEligibleHost') return hosts['Eligible'] ?? 0;
  return refusals(hosts).reduce((sum, [, count]) => sum + count, 0);
}

const refusals = (hosts: Unplaced['hosts']): [string, number][] =>
  Object.entries(hosts).filter(([name]) => name !== 'Eligible');

function messageOf({ reason, count, blockers, group, hosts }: Unplaced): string {
  const verb = (one: string, several: string): string => (count === 1 ? one : several);
  const who = `${plural(count, 'replica')}${group === undefined ? '' : ` of group ${group}`}`;
  const eligible = plural(hosts['Eligible'] ?? 0, 'eligible host');
  switch (reason) {
    case 'Suspended':
      return `${who} ${verb('waits', 'wait')}: the distribution is suspended`;
    case 'InvalidSpec':
      return `${who} ${verb('waits', 'wait')}: ${blockers.join(', ')} cannot be met as it is written`;
    case 'UnsupportedField':
      return `${who} ${verb('waits', 'wait')}: the planner does not honour ${blockers.join(', ')} yet`;
    case 'SpreadBlocked':
      return `${who} would break a spread entry that blocks; ${eligible}`;
    case 'TierFull':
      return `${who} may not go beyond their tier: it is full and does not overflow`;
    case 'Avoided':
      return `${who} failed to start where there is room, and ${verb('is', 'are')} kept from there for a while`;
    case 'MaxPerHost':
      return `${who} would be too many on one host: each of ${eligible} holds maxPerHost`;
    case 'AffinityUnmet':
      return `${who} may only run beside what affinity asks for, and that runs nowhere with room; ${eligible}`;
    case 'AntiAffinity':
      return `${who} may not run beside what stands where there is room; ${eligible}`;
    case 'HostPortTaken':
      return `${who} ${verb('needs', 'need')} a host port that is taken where there is room; ${eligible}`;
    case 'QuotaExceeded':
      return `${who} would exceed the quota of the namespace`;
    case 'InsufficientRoom':
      return `${who} ${verb('does', 'do')} not fit: ${eligible} ${hosts['Eligible'] === 1 ? 'has' : 'have'} too little ${roomText(blockers)} left`;
    case 'NoEligibleHost':
      return `${who} ${verb('has', 'have')} no host: ${refusalText(hosts)}`;
  }
}

const roomText = (blockers: readonly string[]): string =>
  blockers
    .filter((name) => name.startsWith('resources.'))
    .map((name) => name.slice('resources.'.length))
    .join(' and ');

function refusalText(hosts: Unplaced['hosts']): string {
  const all = refusals(hosts);
  if (all.length === 0) return 'there is none';
  return all.map(([name, count]) => `${plural(count, 'host')} ${filterWords(name)}`).join(', ');
}
