import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { answeredTable } from '../runtime/answered.ts';
import { atWorkTable } from '../runtime/at-work.ts';
import { Claims, claimTable } from '../runtime/claims.ts';
import { CodeCache } from '../runtime/code-cache.ts';
import { memoryTable } from '../runtime/memory-table.ts';
import type { CallJob, FromWorker, LoadJob } from '../runtime/protocol.ts';
import { slotTable } from '../runtime/slot-table.ts';
import { tallyTable } from '../runtime/tally.ts';
import { componentBytes } from '../testing/fixtures.ts';
import { WorkerLoop } from './loop.ts';

const component = 1;
const greet: CallJob = { kind: 'function', instance: 'example:greet/greeter@0.1.0', func: 'greet', args: ['Ada'] };

const greeter = async (): Promise<LoadJob> => {
  const options = { cacheDir: tmpdir(), memoryLimitBytes: 2 ** 24 };
  const { program } = await new CodeCache().ready(await componentBytes('greeter'), options);
  const tables = { slots: slotTable(10, 1), tally: tallyTable(), memory: memoryTable(1) };
  return { component, program, config: {}, sendsHttp: false, logLevel: 'trace', ...tables };
};

const openLoop = () => {
  const said: FromWorker[] = [];
  const claims = new Claims(claimTable());
  const loop = new WorkerLoop((messages) => said.push(...messages), {
    claims,
    atWork: atWorkTable(),
    answered: answeredTable(),
    worker: 0,
    forwarding: undefined,
    farCaller: undefined,
  });
  const [takenBack, again] = [claims.open(), claims.open()];
  if (takenBack !== undefined) claims.revoke(takenBack);
  return { said, claims, loop, takenBack, again };
};

test('a load that comes again before the thread got to the one that was taken back stays', async () => {
  const { said, claims, loop, takenBack, again } = openLoop();
  const job = await greeter();
  loop.receive({ kind: 'load', job, claim: takenBack });
  loop.receive({ kind: 'load', job, claim: again });
  await expect.poll(() => said).toContainEqual({ kind: 'loaded', component });
  expect(said).toContainEqual({ kind: 'passed-over', claim: takenBack });

  loop.receive({ kind: 'call', call: 1, claim: claims.open(), component, job: greet });
  const outcome = { kind: 'value', value: 'Hello, Ada!' };
  await expect.poll(() => said).toContainEqual({ kind: 'finished', call: 1, outcome });
});

test('nobody hears of the failure of a load that was taken back', async () => {
  const { said, loop, takenBack, again } = openLoop();
  const job = await greeter();
  loop.receive({
    kind: 'load',
    job: { ...job, program: { ...job.program, code: { kind: 'generated', bindings: 'no code', modules: new Map() } } },
    claim: takenBack,
  });
  loop.receive({ kind: 'load', job, claim: again });
  await expect.poll(() => said).toContainEqual({ kind: 'passed-over', claim: takenBack });
  await expect.poll(() => said).toContainEqual({ kind: 'loaded', component });
  expect(said.map(({ kind }) => kind)).not.toContain('load-failed');
});

test('a component of a program that is here is told it by another one of it, and outlives that', async () => {
  const { said, claims, loop } = openLoop();
  const job = await greeter();
  const other = 2;
  loop.receive({ kind: 'load', job, claim: claims.open() });
  await expect.poll(() => said).toContainEqual({ kind: 'loaded', component });
  loop.receive({ kind: 'load', job: { ...job, component: other, program: component }, claim: claims.open() });
  loop.receive({ kind: 'unload', component });
  await expect.poll(() => said).toContainEqual({ kind: 'loaded', component: other });

  loop.receive({ kind: 'call', call: 1, claim: claims.open(), component: other, job: greet });
  const outcome = { kind: 'value', value: 'Hello, Ada!' };
  await expect.poll(() => said).toContainEqual({ kind: 'finished', call: 1, outcome });
});
