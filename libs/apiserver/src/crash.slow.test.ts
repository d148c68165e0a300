import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { build } from 'rolldown';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CrashLane, type Round } from './conformance/crash-lane.ts';

const kills = Number(process.env['CRASH_KILLS'] ?? 1000);
const lanes = 4;
const seed = Number(process.env['CRASH_SEED'] ?? 20_260_101);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'apiserver-crash-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The server as one file, which starts in a quarter of the time of its sources. */
async function bundle(): Promise<string> {
  const input = join(import.meta.dirname, 'conformance', 'crash-server.ts');
  await build({ input, platform: 'node', output: { dir: join(directory, 'program'), format: 'esm' } });
  return join(directory, 'program', 'crash-server.js');
}

/** mulberry32: small, and the same everywhere. */
function seeded(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(
  `${kills} times kill -9 during writes: nothing acknowledged is lost, versions never go back, the file always opens`,
  { timeout: 1_800_000 },
  async () => {
    const program = await bundle();
    const rounds: Round[] = [];
    let left = kills;
    await Promise.all(
      Array.from({ length: lanes }, async (_, index) => {
        const folder = join(directory, `lane-${index}`);
        mkdirSync(folder);
        const lane = new CrashLane(program, folder, seeded(seed + index));
        while (left-- > 0) rounds.push(await lane.round());
        rounds.push(await lane.last());
        const database = new DatabaseSync(join(folder, 'data.sqlite'));
        expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
        database.close();
      }),
    );
    const sum = (count: (round: Round) => number): number => rounds.reduce((total, round) => total + count(round), 0);
    const acknowledged = sum((round) => round.acknowledged);
    process.stderr.write(
      `seed ${seed}: ${kills} kills, ${acknowledged} acknowledged writes, ${sum(({ unknown }) => unknown)} unanswered\n`,
    );
    expect(rounds.flatMap(({ lost }) => lost)).toEqual([]);
    expect(rounds.flatMap(({ versionsGoneBack }) => versionsGoneBack)).toEqual([]);
    expect(acknowledged).toBeGreaterThan(kills * 10);
  },
);
