import { labels } from '@kasmcloud/kube-api';
import { causeText } from '../report/causes.ts';
import { filterWords, plural } from '../report/words.ts';
import { amountText } from './amounts.ts';
import type { ExplanationReport } from './explanation.ts';
import { namesOf } from './names.ts';

/** Hosts that are told one by one. */
const SHOWN = 5;

/** An explanation as it is read. */
export function explanationText(explanation: ExplanationReport): string {
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

function ruleOf({ mode, divisions, tiers, groups }: ExplanationReport): string {
  if (mode === 'Daemon') return 'every host that takes it has its number';
  if (mode === 'Pack') return 'on as few hosts as hold it';
  const keys = divisions.map(({ topologyKey }) => topologyKey);
  const isPlain = keys.length === 1 && keys[0] === labels.cluster;
  const even = isPlain ? 'balanced over clusters, then hosts' : `spread over ${keys.join(', then ')}`;
  const rule = tiers.length === 0 ? even : `in the order of its tiers ${tiers.join(', ')}; inside each ${even}`;
  return groups.length === 0 ? rule : `divided over the groups ${groups.join(', ')}; inside each ${rule}`;
}

function hereLines(explanation: ExplanationReport): string[] {
  const { here, divisions } = explanation;
  if (here.length === 0) return [];
  const lines = here.slice(0, 2 * SHOWN).map(({ path, replicas, stood, score, refusal }) => {
    const stays = Math.min(replicas, stood);
    const parts = [
      ...(stays > 0 ? [`${stays} stood here`] : []),
      ...(replicas > stays ? [`${replicas - stays} new`] : []),
      ...(score === 0 ? [] : [`preferred by ${score}`]),
      ...(refusal === undefined ? [] : [`it takes no more: ${filterWords(refusal)}`]),
    ];
    return `  ${path}  ${replicas}: ${parts.join(', ')}`;
  });
  return [
    `  ${ruleOf(explanation)}`,
    ...divisions.flatMap(domainLines),
    ...lines,
    ...more(here.length - lines.length),
    ...divisions.flatMap(tieLines),
  ];
}

/** What each domain has; of several with one name in several outer ones, all together. */
function domainLines({ topologyKey, domains }: ExplanationReport['divisions'][number]): string[] {
  // A domain for each host, or for each cluster, is what the lines below tell.
  if (topologyKey === labels.hostname || domains.length < 2) return [];
  const told = [...Map.groupBy(domains, ({ value }) => value)].map(([value, same]) => {
    const replicas = same.reduce((sum, one) => sum + one.replicas, 0);
    const [first, ...others] = same;
    const due = first?.share === undefined || others.length > 0 ? '' : ` (due ${first.share})`;
    return `${value} ${replicas}${due}`;
  });
  return [`  ${topologyKey}: ${namesOf(told, 2 * SHOWN)}`];
}

const tieLines = ({ ties }: ExplanationReport['divisions'][number]): string[] =>
  ties
    .slice(0, SHOWN)
    .map(
      ({ more: some, fewer }) =>
        `  a tie: one more in ${namesOf(some, SHOWN)} than in ${namesOf(fewer, SHOWN)}, by the hash of their names`,
    );

function thereLines({ refused, full, idle, reasons }: ExplanationReport): string[] {
  const why = reasons.length === 0 ? 'and no need' : 'that may not take more';
  const fullLines = full.best.map(({ path, replicas, isAtLimit, short }) =>
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
      ({ refusal, count, best }) =>
        `  ${refusal}: ${plural(count, 'host')} ${filterWords(refusal)}: ${namesOf(best, SHOWN, count)}`,
    ),
    ...fullLines,
    ...more(full.count - fullLines.length),
    ...(idle.count === 0
      ? []
      : [`  ${plural(idle.count, 'host')} with room ${why}: ${namesOf(idle.best, SHOWN, idle.count)}`]),
  ];
}

const more = (count: number): string[] => (count > 0 ? [`  … and ${count} more`] : []);

const reasonLines = ({ reasons }: ExplanationReport): string[] => reasons.map((reason) => `  ${causeText(reason)}`);

function helpLines({ reasons, remedies }: ExplanationReport): string[] {
  if (reasons.length === 0) return [];
  if (remedies.length === 0) return ['  no single change that was tried: several things stand in the way together'];
  return remedies.slice(0, SHOWN).map(({ text, places }) => `  ${text}: ${places} more would have a place`);
}
