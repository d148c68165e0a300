import { randomInt } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Mutant, MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core';
import type { Logger } from '@stryker-mutator/api/logging';
import { Stryker } from '@stryker-mutator/core';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { nameOf, NOT_DRAWN } from './mutate.checker.fixture.ts';
import { fallbacks } from './mutate.fallbacks.fixture.ts';
import { Dice } from './src/proof/effort.fixture.ts';

/**
 * The mutation score of the solver, estimated from a random sample of its mutants: all of them take many hours.
 * `npm run mutate -w libs/placement -- [--sample N] [--seed S]`, or `--all`.
 */
const { values: given } = parseArgs({
  options: {
    sample: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    all: { type: 'boolean', default: false },
  },
});

/** All mutants of the files that Stryker is configured to mutate, but for {@link fallbacks}, in an order that does not change. */
async function mutantsOf(patterns: readonly string[]): Promise<readonly Mutant[]> {
  const exclude = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const files: { name: string; mutate: true; content: string }[] = [];
  for await (const name of glob(patterns, { exclude }))
    files.push({ name, mutate: true, content: await readFile(name, 'utf8') });
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const instrumenter = new Instrumenter(SILENCE);
  const options = { plugins: null, ignorers: [fallbacks], excludedMutations: [] };
  const { mutants } = await instrumenter.instrument(files, options);
  return mutants.filter(({ status }) => status !== 'Ignored');
}

const never = (): boolean => false;
const ignore = (): void => {};

const SILENCE: Logger = {
  isTraceEnabled: never,
  isDebugEnabled: never,
  isInfoEnabled: never,
  isWarnEnabled: never,
  isErrorEnabled: never,
  isFatalEnabled: never,
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  fatal: ignore,
};

/** So many of them, each as likely as any other: the first steps of a shuffle. */
function draw(all: readonly Mutant[], count: number, seed: number): Mutant[] {
  const dice = new Dice(seed);
  const left = [...all];
  return Array.from({ length: Math.min(count, all.length) }, () =>
    left.splice(dice.between(0, left.length - 1), 1),
  ).flat();
}

function rangeOf({ fileName, location: { start, end } }: Mutant): string {
  return `${fileName}:${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`;
}

function report(all: number, tested: readonly MutantResult[]): string {
  const count = (status: MutantResult['status']): number => tested.filter((one) => one.status === status).length;
  const killed = count('Killed');
  const timedOut = count('Timeout');
  const survived = count('Survived');
  const uncovered = count('NoCoverage');
  const valid = killed + timedOut + survived + uncovered;
  const [low, high] = interval(killed + timedOut, valid);
  const lines = tested
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ status, fileName, location: { start }, mutatorName, replacement }) => {
      const path = fileName.slice(fileName.indexOf('src/'));
      return `${status} ${path}:${start.line}:${start.column} ${mutatorName} ${replacement}`;
    });
  return [
    ...lines.toSorted(),
    '',
    `${all} mutants, ${tested.length} drawn with seed ${given.all ? '-' : given.seed}`,
    `${killed} killed, ${timedOut} timed out, ${survived} survived, ${uncovered} not covered, ${tested.length - valid} invalid`,
    `score ${percent((killed + timedOut) / valid)} (95 %: ${percent(low)} to ${percent(high)})`,
    '',
  ].join('\n');
}

/** Wilson's 95 % interval of a share. */
function interval(hits: number, count: number): [low: number, high: number] {
  const z = 1.96;
  const share = hits / count;
  const middle = share + z ** 2 / (2 * count);
  const reach = z * Math.sqrt((share * (1 - share)) / count + (z / (2 * count)) ** 2);
  const scale = 1 + z ** 2 / count;
  return [(middle - reach) / scale, (middle + reach) / scale];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

const { mutate } = JSON.parse(await readFile('stryker.config.json', 'utf8')) as { mutate: string[] };
const mutants = await mutantsOf(mutate);
const drawn = given.all ? mutants : draw(mutants, Number(given.sample), Number(given.seed));
const options: PartialStrykerOptions & { drawn: readonly string[] } = {
  // Around a mutant that was drawn, its range has others, too: the checker passes over them.
  mutate: given.all ? mutate : drawn.map(rangeOf),
  checkers: ['drawn'],
  drawn: drawn.map(nameOf),
};

const results = await new Stryker(options).runMutationTest();
const tested = results.filter(({ statusReason }) => statusReason !== NOT_DRAWN);
process.stdout.write(report(mutants.length, tested));
