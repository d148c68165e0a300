import { labels as names } from '@kasmcloud/kube-api';
import type { Distribution } from '../model/distribution.ts';
import { compareText } from '../model/hash.ts';
import type { HostView } from '../place/inventory.ts';
import { pathOf } from './company.ts';
import { blockersOf, type HostAnswer } from './hosts.ts';

/** How replicas are divided over the domains of one topology key: a spread entry, or clusters where there is none. */
export interface Division {
  readonly topologyKey: string;
  /** In order of `inside`, then value. */
  readonly domains: readonly DomainShare[];
  /** Where several domains were equally due and not all could have one more. */
  readonly ties: readonly Tie[];
}

export interface DomainShare {
  /** The domains of the entries before it that it is in, outermost first: an entry is divided inside each of them. */
  readonly inside: readonly string[];
  readonly value: string;
  readonly replicas: number;
  /** With weights. */
  readonly weight?: number;
  /** With weights: what is due to it of all that its family holds, before rounding and whatever its room; two decimals. */
  readonly share?: number;
}

/** Domains that were equally due: a stable hash of their names and the distribution's gave some of them one more. */
export interface Tie {
  readonly inside: readonly string[];
  readonly more: readonly string[];
  readonly fewer: readonly string[];
}

interface Level {
  readonly topologyKey: string;
  readonly weights?: ReadonlyMap<string, number> | undefined;
}

type Family = ReadonlyMap<string, readonly HostAnswer[]>;

/** Without an entry, replicas are balanced over clusters. */
const byCluster: readonly Level[] = [{ topologyKey: names.cluster }];

/** Why replicas are in their domains; what decides between the hosts of a domain is room and how busy they are. */
export function divisionsOf(
  distribution: Distribution,
  hosts: readonly HostView[],
  answers: readonly HostAnswer[],
): Division[] {
  const { spread, mode } = distribution;
  if (mode === 'Daemon') return [];
  const views = new Map(hosts.map((host) => [pathOf(host), host]));
  const levels: readonly Level[] = spread.length > 0 ? spread : byCluster;
  const divisions = levels.map(({ topologyKey }) => ({
    topologyKey,
    domains: [] as DomainShare[],
    ties: [] as Tie[],
  }));
  divide(
    0,
    [],
    answers.filter(({ replicas, filters }) => replicas > 0 || filters.length === 0),
  );
  return divisions;

  function divide(depth: number, inside: readonly string[], members: readonly HostAnswer[]): void {
    const level = levels[depth];
    if (level === undefined) return;
    const domainOf = ({ path }: HostAnswer): string | undefined => views.get(path)?.domain(level.topologyKey);
    const labelled = members.filter((one) => domainOf(one) !== undefined);
    const family = new Map(
      [...Map.groupBy(labelled, (one) => domainOf(one) ?? '')].toSorted(([a], [b]) => compareText(a, b)),
    );
    divisions[depth]?.domains.push(...sharesOf(level, inside, family));
    if (mode === 'Spread' && level.weights === undefined && level.topologyKey !== names.hostname)
      divisions[depth]?.ties.push(...tieOf(inside, family));
    for (const [value, those] of family) divide(depth + 1, [...inside, value], those);
  }
}

const sumOf = (answers: readonly HostAnswer[]): number => answers.reduce((sum, { replicas }) => sum + replicas, 0);

function sharesOf({ weights }: Level, inside: readonly string[], family: Family): DomainShare[] {
  const weightOf = (value: string): number => weights?.get(value) ?? weights?.get('*') ?? 0;
  const replicas = sumOf([...family.values()].flat());
  const weight = [...family.keys()].reduce((sum, value) => sum + weightOf(value), 0);
  return [...family].map(([value, answers]) => ({
    inside,
    value,
    replicas: sumOf(answers),
    ...(weights !== undefined && {
      weight: weightOf(value),
      share: weight === 0 ? 0 : Math.round((100 * replicas * weightOf(value)) / weight) / 100,
    }),
  }));
}

/** Which domains of a family got the last replicas by nothing but a tie. */
function tieOf(inside: readonly string[], family: Family): Tie[] {
  const open = [...family].filter(([, answers]) => answers.some(mayTakeOne));
  const least = Math.min(...open.map(([, answers]) => sumOf(answers)));
  const fewer = open.filter(([, answers]) => sumOf(answers) === least);
  const more = [...family].filter(([, answers]) => sumOf(answers) === least + 1 && answers.some(hasNew));
  if (fewer.length === 0 || more.length === 0) return [];
  // Where hosts are not equally liked, the preference decided.
  const likings = new Set([...fewer, ...more].flatMap(([, answers]) => answers.map(likingOf)));
  const values = (domains: typeof open): string[] => domains.map(([value]) => value);
  return likings.size === 1 ? [{ inside, more: values(more), fewer: values(fewer) }] : [];
}

const hasNew = ({ replicas, stood }: HostAnswer): boolean => replicas > stood;

const mayTakeOne = (answer: HostAnswer): boolean => blockersOf(answer).length === 0;

const likingOf = ({ score, isShunned }: HostAnswer): string => `${isShunned} ${score}`;
