import { labels } from '@kasmcloud/kube-api';
import { causeText } from '../report/causes.ts';
import { filterWords, plural } from '../report/words.ts';
import { amountText } from './amounts.ts';
import type { Explanation } from './explanation.ts';
import { namesOf } from './remedies.ts';

/** Hosts that are told one by one. */
const SHOWN = 5;

/** An explanation as it is read. */
export function explanationText(explanation: Explanation): string {
  const { namespace, distribution, mode, desired, placed } = explanation;
  const sections = [
    [`${namespace}/${distribution}  ${mode}, ${placed} of ${plural(desired, 'replica')} placed`],
    titled('Why here', hereLines(explanation)),
    titled('Why not there', thereLines(explanation)),
    titled('Why not more', reasonLines(explanation)),
    titled('What would help', helpLines(explanation)),
  ];
  const told = sections.filter((lines) => lines.length > 0);
  return `${told.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const titled = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [title, ...lines]);

function ruleOf({ mode, spread, groups }: Explanation): string {
  if (mode === 'Daemon') return 'every host that takes it has its number';
  if (mode === 'Pack') return 'on as few hosts as hold it';
  const keys = spread.map(({ topologyKey }) => topologyKey);
  const rule = keys.length === 0 ? 'balanced over clusters, then hosts' : `spread over ${keys.join(', then ')}`;
  return groups.length === 0 ? rule : `divided over the groups ${groups.join(', ')}; inside each ${rule}`;
}

function hereLines(explanation: Explanation): string[] {
  const { here } = explanation;
  if (here.length === 0) return [];
  const lines = here.slice(0, 2 * SHOWN).map(({ path, replicas, stood, filter }) => {
    const stays = Math.min(replicas, stood);
    const parts = [
      ...(stays > 0 ? [`${stays} stood here`] : []),
      ...(replicas > stays ? [`${replicas - stays} new`] : []),
      ...(filter === undefined ? [] : [`it takes no more: ${filterWords(filter)}`]),
    ];
    return `  ${path}  ${replicas}: ${parts.join(', ')}`;
  });
  // A domain for each host is what the lines below tell.
  const domains = explanation.spread
    .filter(({ topologyKey }) => topologyKey !== labels.hostname)
    .map(({ topologyKey, domains: all }) => {
      const told = all.map(({ value, replicas }) => `${value} ${replicas}`);
      return `  ${topologyKey}: ${namesOf(told, 2 * SHOWN)}`;
    });
  return [`  ${ruleOf(explanation)}`, ...domains, ...lines, ...more(here.length - lines.length)];
}

function thereLines({ refused, full, idle, reasons }: Explanation): string[] {
  const why = reasons.length === 0 ? 'and no need' : 'that may not take more';
  const fullLines = full
    .slice(0, SHOWN)
    .map(({ path, replicas, isAtLimit, short }) =>
      [
        `  ${path}: `,
        [
          ...(isAtLimit ? [`holds ${replicas}, which is maxPerHost`] : []),
          ...short.map(
            ({ resource, left, asked }) =>
              `${amountText(resource, left)} of ${resource} left, a replica asks for ${amountText(resource, asked)}`,
          ),
        ].join('; '),
      ].join(''),
    );
  return [
    ...refused.map(
      ({ filter, hosts }) =>
        `  ${filter}: ${plural(hosts.length, 'host')} ${filterWords(filter)}: ${namesOf(hosts, SHOWN)}`,
    ),
    ...fullLines,
    ...more(full.length - fullLines.length),
    ...(idle.length === 0 ? [] : [`  ${plural(idle.length, 'host')} with room ${why}: ${namesOf(idle, SHOWN)}`]),
  ];
}

const more = (count: number): string[] => (count > 0 ? [`  … and ${count} more`] : []);

const reasonLines = ({ reasons }: Explanation): string[] => reasons.map((reason) => `  ${causeText(reason)}`);

function helpLines({ reasons, remedies }: Explanation): string[] {
  if (reasons.length === 0) return [];
  if (remedies.length === 0) return ['  no single change that was tried: several things stand in the way together'];
  return remedies.slice(0, SHOWN).map(({ text, places }) => `  ${text}: ${places} more would have a place`);
}
