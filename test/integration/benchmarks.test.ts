import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../bench');

const run = (benchmark: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [join(folder, `${benchmark}.ts`), ...args], { encoding: 'utf8', timeout: 60_000 });

test.each(['placement', 'apiserver', 'host', 'supercluster', 'repeater'])(
  'bench:%s tells its options and measures nothing',
  (benchmark) => {
    const { status, stdout } = run(benchmark, '--help');
    expect(stdout).toMatch(new RegExp(`^Usage: npm run bench:${benchmark} \\[-- OPTIONS\\]\\n`));
    expect(stdout).toMatch(/^ {2}--json /m);
    expect(status).toBe(0);
  },
);

test.each([
  ['supercluster', ['--part', 'ful'], '--part: ful is none of full, grouped, growth, rebuild, resync'],
  ['host', ['--only', 'http,cals'], '--only: cals is none of http, calls,'],
  ['placement', ['--rows', 'B1'], "Unknown option '--rows'"],
  ['apiserver', ['quick'], "Unexpected argument 'quick'"],
])('bench:%s %j is refused before anything starts', (benchmark, args, reason) => {
  const { status, stderr } = run(benchmark, ...args);
  expect(stderr).toContain(`bench:${benchmark}: `);
  expect(stderr).toContain(reason);
  expect(stderr).toContain('Usage: ');
  expect(status).toBe(2);
});
