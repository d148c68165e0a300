#!/usr/bin/env node
/** `npm test` and, with `--slow`, `npm run test:slow`: installs, builds, runs vitest, and sums up on the last line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { buildStale } from './build.mjs';
import { install, root } from './install.mjs';
import { findKubectl, OLDEST_KUBECTL } from './kubectl.mjs';
import { nodePath } from './runtime.mjs';
import { runMain, Steps } from './steps.mjs';
import { countResults, failureLines, summaryLine } from './summary.mjs';

const args = process.argv.slice(2).filter((arg) => arg !== '--slow');
const isSlow = process.argv.includes('--slow');

await runMain(async () => {
  await install();
  await new Steps().run('build', async (tell) => {
    const built = await buildStale(root, tell);
    return built.length === 0 ? 'present' : `built ${built.join(', ')}`;
  });
  const kubectl = await findKubectl();

  const folder = await mkdtemp(join(tmpdir(), 'kasm-test-'));
  try {
    const report = join(folder, 'report.json');
    const exitCode = await runVitest(report, kubectl);
    const results = JSON.parse(await readFile(report, 'utf8').catch(() => 'null'));
    const counts = countResults(results, exitCode);
    if (kubectl === undefined) {
      process.stdout.write(
        `not run: the tests that need kubectl ${OLDEST_KUBECTL.join('.')} or newer, on PATH or in KUBEBUILDER_ASSETS\n`,
      );
    }
    for (const line of [...failureLines(results, root), summaryLine(counts)]) process.stdout.write(`${line}\n`);
    return counts.failed === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function runVitest(report, kubectl) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const config = isSlow ? ['--config', 'vitest.slow.config.ts'] : [];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const child = spawn(nodePath(root), [vitest, 'run', ...config, ...reporters, ...args], {
    cwd: root,
    stdio: 'inherit',
    // The programs that tests start find Node 26 first, as under npx, and the kubectl that is new enough.
    env: {
      ...process.env,
      PATH: [join(root, 'node_modules', '.bin'), ...(kubectl ? [dirname(kubectl)] : []), process.env.PATH].join(
        delimiter,
      ),
      ...(kubectl === undefined ? {} : { KUBECTL_BIN: kubectl }),
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  return code ?? 1;
}
