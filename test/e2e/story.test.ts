import { expect, test } from 'vitest';
import { Kasm, temporaryFolder } from './kasm.ts';

const STORY_MS = 240_000;
const steps = [
  'install',
  'clusters',
  'commit',
  'placed',
  'answering',
  'scaled',
  'host-lost',
  'bad-manifest',
  'reverted',
  'stopped',
];

interface Summary {
  readonly steps: readonly { readonly name: string; readonly ok: boolean; readonly ms: number }[];
  readonly ok: boolean;
}

test(
  'the story: from a commit to answers out of two regions, and every trouble on the way',
  { timeout: STORY_MS },
  async () => {
    await using folder = await temporaryFolder();
    const kasm = Kasm.up(folder.path, '--demo', '--once', '--json');
    const code = await kasm.exit;
    const lines = kasm.stdout.trim().split('\n');
    const summary = JSON.parse(lines.at(-1) ?? '') as Summary;
    // Told on failure only: the whole story with what was missing.
    const failed = summary.steps.filter(({ ok }) => !ok).map(({ name }) => name);
    if (failed.length > 0) throw new Error(`${failed.join(', ')} did not hold:\n${kasm.told}`);
    expect(summary.steps.map(({ name }) => name)).toEqual(steps);
    expect({ code, ok: summary.ok, lines: lines.length }).toEqual({ code: 0, ok: true, lines: 1 });
  },
);
