import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repositoryRoot } from '../e2e/kasm.ts';
import { ManifestWorld } from './manifest-world.ts';
import { peers } from './peers.ts';
import { publishedManifests, type PublishedManifest } from './published-manifests.ts';

const WITHIN_MS = 120_000;
const AGAIN_MS = 300;

/** What becomes of a manifest. */
interface Outcome {
  /** `refused`: it cannot be put; `not deployed`: it can be put only; else the status that it comes to. */
  readonly outcome: string;
  /** What the answer or the status says, at least. */
  readonly says: readonly string[];
  /** Replicas that run in the end, such as `hello 9001, httpserver 1`. */
  readonly runs: string;
}

/** The table of docs/interop.md. */
async function outcomes(): Promise<(Outcome & { readonly file: string })[]> {
  const text = await readFile(join(repositoryRoot, 'docs', 'interop.md'), 'utf8');
  return [...text.matchAll(/^\| `((?:oam|tests)\/.+?)` +\|(.+?)\|(.+?)\|(.+?)\|$/gm)].map(
    ([, file = '', outcome = '', says = '', runs = '']) => ({
      file,
      outcome: outcome.trim(),
      says: [...says.matchAll(/`(.+?)`/g)].map(([, words = '']) => words),
      runs: runs.trim(),
    }),
  );
}

const { wadmSource } = peers;
const cases = await outcomes();

describe.skipIf(wadmSource === undefined)("wadm's own examples and fixtures, unchanged", () => {
  let manifests: readonly PublishedManifest[];
  let world: ManifestWorld;
  beforeAll(async () => {
    manifests = await publishedManifests(wadmSource ?? '');
    world = await ManifestWorld.start(manifests.flatMap(({ images }) => images));
  });
  afterAll(async () => world.close());

  test('all of them are in the table', () => {
    expect(manifests.map(({ file }) => file)).toEqual(cases.map(({ file }) => file));
  });

  test.for(cases)('$file: $outcome', { timeout: 4 * WITHIN_MS }, async ({ file, ...expected }) => {
    const manifest = manifests.find((one) => one.file === file);
    if (manifest === undefined) throw new TypeError(`${wadmSource} has no ${file}`);
    const others = manifests.filter(
      ({ application }) => manifest.shares.includes(application) && application !== manifest.application,
    );
    try {
      for (const { text, application } of others) {
        await world.ask('put', undefined, text);
        await world.ask('deploy', application);
      }
      expect(await come(manifest, expected)).toEqual(expected);
    } finally {
      await world.forget([manifest.application, ...others.map(({ application }) => application)]);
    }
  });

  /** Puts and deploys it, and waits for what is expected; resolves with that, or with what it is in the end. */
  async function come({ application, text }: PublishedManifest, { outcome, says, runs }: Outcome): Promise<Outcome> {
    const toldBy = (message: string): readonly string[] =>
      says.every((words) => message.includes(words)) ? says : [message];
    const put = await world.ask('put', undefined, text);
    if (put.result === 'error') return { outcome: 'refused', says: toldBy(put.message), runs: '' };
    const deployed = await world.ask('deploy', application);
    if (deployed.result === 'error') return { outcome: 'not deployed', says: toldBy(deployed.message), runs: '' };
    const deadline = performance.now() + WITHIN_MS;
    for (;;) {
      const { type, message, replicas } = await world.status(application);
      const now = { outcome: type, says: toldBy(message), runs: wordsOf(replicas) };
      const isDue = now.outcome === outcome && now.says === says && now.runs === runs;
      if (isDue || performance.now() > deadline) return now;
      await sleep(AGAIN_MS);
    }
  }
});

const wordsOf = (replicas: Readonly<Record<string, number>>): string =>
  Object.entries(replicas)
    .flatMap(([name, count]) => (count === 0 ? [] : [`${name} ${count}`]))
    .join(', ');
