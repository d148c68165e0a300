import { aborted } from '../stop-signal.ts';
import { Narrator } from '../story/narrator.ts';
import { StepLog, stepNames, type StepName } from '../story/steps.ts';
import { Story } from '../story/story.ts';
import { tour } from '../story/tour.ts';
import { until } from '../story/waiting.ts';
import { World } from '../story/world.ts';
import { isRunning, type ProcessIdentity } from '../supervisor/process-identity.ts';
import { withInstance, type Instance } from './instance.ts';
import type { UpOptions } from './options.ts';

const READY_MS = 120_000;
/** What `npm start` without `--once` tells; the rest is for whoever sits there to try. */
const shortStory: readonly StepName[] = ['install', 'clusters', 'commit', 'placed', 'answering', 'stopped'];

/** Resolves, when everything has stopped, with whether every step held. */
export async function runUp(options: UpOptions, stop: AbortSignal): Promise<boolean> {
  const narrator = new Narrator();
  const steps = new StepLog(narrator);
  steps.record('install', true, Number(process.env['KASMCLOUD_INSTALL_MS'] ?? 0));
  narrator.part('a supercluster comes up');
  const startedAt = performance.now();
  let left: ProcessIdentity[] = [];
  const kept: string[] = [];
  let stoppingAt = startedAt;
  stop.addEventListener('abort', () => (stoppingAt = performance.now()), { once: true });
  try {
    const use = async (instance: Instance): Promise<void> => {
      await tell(instance, narrator, steps, startedAt, stop);
      left = (await instance.supervisor.records()).flatMap(({ identity }) => identity ?? []);
      if (!stop.aborted) stoppingAt = performance.now();
    };
    await withInstance(options, narrator, stop, use, (what) => kept.push(what));
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  const stillThere = await Promise.all(left.map(isRunning));
  const gone = !stillThere.includes(true) && kept.length === 0;
  steps.record('stopped', gone, performance.now() - stoppingAt);
  const told = options.existing ? 'no process is left, and the clusters are as they were' : 'no process is left';
  narrator.say(gone ? `✓ stopped: ${told}` : `✗ stopped: ${kept.join('; ') || 'processes are left'}`);
  if (!options.demo) return gone;
  const summary = steps.summary(options.once ? stepNames : shortStory);
  for (const { name, ok, ms } of summary.steps) narrator.show(`  ${ok ? '✓' : '✗'} ${name.padEnd(14)}${ms} ms`);
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return summary.ok || (stop.aborted && !options.once && !steps.failed);
}

async function tell(
  instance: Instance,
  narrator: Narrator,
  steps: StepLog,
  startedAt: number,
  stop: AbortSignal,
): Promise<void> {
  const world = new World(instance);
  await steps.run('clusters', READY_MS, stop, async (signal) => everythingReady(instance, world, signal), startedAt);
  if (instance.options.demo) {
    const story = await Story.open(instance, narrator, steps, stop);
    await story.begin();
    if (instance.options.once) await story.goOn();
  }
  if (instance.options.once || stop.aborted) return;
  narrator.show(await tour(instance, world, stop));
  await aborted(stop);
}

/** Waits until the scheduler has reached every member and every host says that it is ready. */
async function everythingReady(instance: Instance, world: World, signal: AbortSignal): Promise<string> {
  const { members } = instance;
  const hosts = members.reduce((sum, member) => sum + member.hosts.length, 0);
  return until<string>(async () => {
    const [clusters, ready] = await Promise.all([world.readyClusters(signal), world.readyHosts(signal)]);
    const told = `${clusters.length} of ${members.length} members and ${ready.length} of ${hosts} hosts are ready`;
    return clusters.length === members.length && ready.length === hosts ? { found: told } : { missing: told };
  }, signal);
}
