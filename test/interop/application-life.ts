import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { firstGreeting, masked } from './mask.ts';
import { imageFolder } from './sessions.ts';
import type { Onlooker, Sight } from './sight.ts';
import type { Wash } from './wash.ts';
import type { Way } from './ways.ts';

/** The name that all manifests here give their application. */
export const APPLICATION = 'greetings';

const WITHIN_MS = 90_000;
const AGAIN_MS = 200;

/** One step of an application's life, and what it must come to. */
export interface Step {
  readonly what: string;
  readonly take: (way: Way) => Promise<unknown>;
  /** Status as wadm names it; undefined when there is no Application. */
  readonly status: string | undefined;
  /** Replicas that run on `hosts` hosts, by id. */
  readonly running: (hosts: number) => Readonly<Record<string, number>>;
  /** Versions where all are kept, the deployed one with a star. */
  readonly versions: readonly string[];
}

const firstRuns: Step['running'] = () => ({ 'greetings-front': 2, 'greetings-greeter': 3 });
/** A daemonscaler has as many on every host. */
const secondRuns: Step['running'] = (hosts) => ({
  'greetings-front': 2 * hosts,
  'greetings-greeter': 5,
  'greetings-client': 1,
});

/** Deploy, change, roll back, undeploy, delete: with the file that the sessions of wash deploy, and a newer version of it. */
export async function applicationLife(): Promise<readonly Step[]> {
  const [first, second] = [await manifest('greetings.yaml'), await manifest('greetings-2.yaml')];
  return [
    {
      what: 'deploy',
      status: 'deployed',
      take: async (way) => way.deploy(first),
      running: firstRuns,
      versions: ['v0.1.0*'],
    },
    {
      what: 'change',
      status: 'deployed',
      take: async (way) => way.deploy(second),
      running: secondRuns,
      versions: ['v0.1.0', 'v0.2.0*'],
    },
    {
      what: 'roll back',
      status: 'deployed',
      take: async (way) => way.deploy(first),
      running: firstRuns,
      versions: ['v0.1.0*', 'v0.2.0'],
    },
    {
      what: 'undeploy',
      status: 'undeployed',
      take: async (way) => way.undeploy(APPLICATION),
      running: () => ({}),
      versions: ['v0.1.0', 'v0.2.0'],
    },
    {
      what: 'delete',
      status: undefined,
      take: async (way) => way.delete(APPLICATION),
      running: () => ({}),
      versions: [],
    },
  ];
}

async function manifest(name: string): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'manifests', name), 'utf8');
  return text.replaceAll('IMAGES', imageFolder);
}

/** Resolves with what is to be seen once the step has come to what it must, and nothing moves any more. */
export async function settled(onlooker: Onlooker, step: Step, hosts: number): Promise<Sight> {
  const deadline = performance.now() + WITHIN_MS;
  let before: Sight | undefined;
  let failure: unknown;
  while (performance.now() < deadline) {
    try {
      const sight = await onlooker.look();
      if (isDue(sight, step, hosts) && isDeepStrictEqual(sight, before)) return sight;
      before = sight;
    } catch (error) {
      // A host that comes or goes may not answer.
      failure = error;
    }
    await sleep(AGAIN_MS);
  }
  const seen = JSON.stringify({ ...before, members: undefined }, null, 2);
  throw new Error(`"${step.what}" has not come to its end within ${WITHIN_MS / 1000} s:\n${seen}`, { cause: failure });
}

const isDue = (sight: Sight, { status, running }: Step, hosts: number): boolean =>
  sight.isObserved && sight.application?.status?.type === status && isDeepStrictEqual(totals(sight), running(hosts));

const totals = ({ hosts }: Sight): Record<string, number> =>
  Object.fromEntries(
    Object.entries(hosts).map(([id, on]) => [id, Object.values(on).reduce((sum, [, count]) => sum + count, 0)]),
  );

/** What wash prints of an application in this state, each answer with what was asked. */
export async function wordsOfWash(wash: Wash, { versions }: Pick<Sight, 'versions'>): Promise<string> {
  const deployed = versions.find((one) => one.endsWith('*'))?.slice(0, -1);
  const questions = [
    ['app', 'status', APPLICATION],
    ['get', 'links'],
    // Of what is not deployed both tell what was put last.
    ...(deployed === undefined
      ? []
      : [
          ['app', 'list'],
          ['app', 'get', APPLICATION, deployed],
        ]),
  ];
  let words = '';
  for (const args of questions) {
    const { code, text } = await wash.run(args);
    words += `$ wash ${args.join(' ')}\n${masked(text, [firstGreeting])}\n[exit ${code}]\n\n`;
  }
  return words;
}
