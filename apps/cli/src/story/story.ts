import { annotations, fieldManagers, GitSource } from '@kasmcloud/kube-api';
import type { Draft } from '@kasmcloud/kube';
import { parse } from 'yaml';
import type { Instance, Member } from '../up/instance.ts';
import { LATTICE } from '../up/seed.ts';
import { DemoRepository, type Commit } from './demo-repository.ts';
import { applicationPath, gitSourcePath, helloFiles, withInstances } from './hello-example.ts';
import type { Narrator } from './narrator.ts';
import type { StepLog } from './steps.ts';
import { until, type Look } from './waiting.ts';
import { describeReady, describeReplicas, isReady, SOURCE, totalOf, World, type Replicas } from './world.ts';

const FEW = 4;
const MANY = 8;
const ANSWERS = 10;
/** For what is the work of milliseconds, on a machine that does much else. */
const PATIENCE_MS = 60_000;

/** The story of a commit, step by step. Each method tells its step to the log and holds only what anybody could check. */
export class Story {
  readonly #instance: Instance;
  readonly #narrator: Narrator;
  readonly #steps: StepLog;
  readonly #signal: AbortSignal;
  readonly #world: World;
  readonly #repository: DemoRepository;
  readonly #files: Map<string, string>;

  private constructor(
    instance: Instance,
    narrator: Narrator,
    steps: StepLog,
    signal: AbortSignal,
    repository: DemoRepository,
    files: Map<string, string>,
  ) {
    this.#instance = instance;
    this.#narrator = narrator;
    this.#steps = steps;
    this.#signal = signal;
    this.#world = new World(instance);
    this.#repository = repository;
    this.#files = files;
  }

  static async open(instance: Instance, narrator: Narrator, steps: StepLog, signal: AbortSignal): Promise<Story> {
    const repository = await DemoRepository.open(instance.layout.git);
    return new Story(instance, narrator, steps, signal, repository, await helloFiles(repository.url));
  }

  /** From a commit to HTTP answers out of every region. */
  async begin(): Promise<void> {
    this.#narrator.part('a commit becomes running actors');
    await this.#step('commit', async (signal) => {
      const commit = await this.#commit('Say hello from two regions', FEW);
      await this.#followRepository(signal);
      await this.#applied(commit, signal);
      return `${shortId(commit)} is applied`;
    });
    await this.#step('placed', async (signal) => {
      const placed = await this.#placedOn(FEW, signal);
      return describeReplicas(placed);
    });
    await this.#step('answering', async (signal) => {
      const answers = await Promise.all(
        this.#instance.members.map(async (member) => until(async () => this.#ownAnswer(member, signal), signal)),
      );
      await this.#runningOn(FEW, signal);
      return answers.map((answer) => `"${answer}"`).join(', ');
    });
  }

  /** Growth, the loss of a host, a bad manifest and the way back. */
  async goOn(): Promise<void> {
    if (this.#steps.failed) return;
    this.#narrator.part('life goes on');
    await this.#step('scaled', async (signal) => this.#scale(signal));
    await this.#step('host-lost', async (signal) => this.#loseHost(signal));
    await this.#step('bad-manifest', async (signal) => this.#commitBadManifest(signal));
    await this.#step('reverted', async (signal) => this.#revert(signal));
  }

  async #scale(signal: AbortSignal): Promise<string> {
    const before = await this.#world.running(signal);
    const commit = await this.#commit('Say it more often', MANY);
    await this.#applied(commit, signal);
    const after = await this.#runningOn(MANY, signal);
    const moved = [...before].filter(([host, count]) => (after.get(host) ?? 0) < count);
    if (moved.length > 0) throw new Error(`replicas that ran were moved: ${describeReplicas(new Map(moved))}`);
    return `${describeReplicas(before)} → ${describeReplicas(after)}`;
  }

  async #loseHost(signal: AbortSignal): Promise<string> {
    const [victim] = [...(await this.#world.running(signal)).keys()].toSorted();
    if (victim === undefined) throw new Error('no host runs anything');
    const lost = this.#instance.supervisor.process(victim);
    this.#narrator.say(`killing ${victim} (pid ${lost.pid ?? 'none'}) with SIGKILL`);
    lost.hold('SIGKILL');
    try {
      const after = await this.#runningOn(MANY, signal, victim);
      await this.#allAnswer(signal);
      return `${victim} is replaced: ${describeReplicas(after)}`;
    } finally {
      lost.release();
    }
  }

  async #commitBadManifest(signal: AbortSignal): Promise<string> {
    const before = await this.#world.running(signal);
    const commit = await this.#commit('Say it minus three times', -3);
    const message = await this.#refused(commit, signal);
    await this.#allAnswer(signal);
    const after = await this.#world.running(signal);
    if (describeReplicas(after) !== describeReplicas(before)) {
      throw new Error(`what ran was touched: ${describeReplicas(before)} → ${describeReplicas(after)}`);
    }
    return `${shortId(commit)} is refused: ${message}`;
  }

  async #revert(signal: AbortSignal): Promise<string> {
    const commit = await this.#repository.revert();
    this.#narrator.say(`commit ${shortId(commit)}`);
    await this.#askToSync(signal);
    await this.#applied(commit, signal);
    const running = await this.#runningOn(MANY, signal);
    await this.#allHostsReady(signal);
    await this.#allAnswer(signal);
    return describeReplicas(running);
  }

  async #step(name: Parameters<StepLog['run']>[0], run: (signal: AbortSignal) => Promise<string>): Promise<void> {
    await this.#steps.run(name, PATIENCE_MS, this.#signal, run);
  }

  async #commit(subject: string, instances: number): Promise<Commit> {
    const application = this.#files.get(applicationPath) ?? '';
    const edited = withInstances(application, String(instances));
    const files = new Map(this.#files).set(applicationPath, edited);
    const commit = await this.#repository.commit(subject, files);
    this.#narrator.say(`commit ${shortId(commit)}`);
    await this.#askToSync(this.#signal);
    return commit;
  }

  /** The GitSource lies in the repository that it names; the first time somebody has to apply it. */
  async #followRepository(signal: AbortSignal): Promise<void> {
    const { metadata, spec } = parse(this.#files.get(gitSourcePath) ?? '') as {
      metadata: { name: string };
      spec: unknown;
    };
    const source: Draft = { metadata: { ...metadata, namespace: LATTICE }, spec };
    await this.#instance.hub.apply(GitSource, source, { fieldManager: fieldManagers.cli, force: true, signal });
  }

  /** Saves the wait for the next look of its interval, as a webhook would. */
  async #askToSync(signal: AbortSignal): Promise<void> {
    if ((await this.#instance.hub.find(GitSource, SOURCE, LATTICE, { signal })) === undefined) return;
    const asked = { metadata: { annotations: { [annotations.syncRequestedAt]: new Date().toISOString() } } };
    await this.#instance.hub.patch(GitSource, SOURCE, LATTICE, asked, { type: 'merge', signal });
  }

  async #applied({ id }: Commit, signal: AbortSignal): Promise<void> {
    await until(async () => {
      const { status } = await this.#world.source(signal);
      const done = status?.lastAppliedRevision?.includes(id) === true && isReady(status.conditions);
      return done ? { found: true } : { missing: `GitSource ${SOURCE}: ${describeReady(status?.conditions)}` };
    }, signal);
  }

  async #refused({ id }: Commit, signal: AbortSignal): Promise<string> {
    return until<string>(async () => {
      const { status } = await this.#world.source(signal);
      if (status?.lastAppliedRevision?.includes(id) === true) throw new Error(`the bad commit ${id} was applied`);
      const told = describeReady(status?.conditions);
      const isAboutIt = status?.lastAttemptedRevision?.includes(id) === true && told.includes(applicationPath);
      return isAboutIt && told.startsWith('Ready=False') ? { found: told } : { missing: told };
    }, signal);
  }

  /** Waits until the planner has placed this many replicas. */
  async #placedOn(count: number, signal: AbortSignal): Promise<Replicas> {
    return until(async () => enough(await this.#world.placed(signal), count, 'placed'), signal);
  }

  /** Waits until this many replicas run, exactly where the planner has placed them, and none on `without`. */
  async #runningOn(count: number, signal: AbortSignal, without?: string): Promise<Replicas> {
    return until(async () => {
      const [placed, running] = await Promise.all([this.#world.placed(signal), this.#world.running(signal)]);
      if (without !== undefined && running.has(without)) return { missing: `${without} still counts` };
      if (describeReplicas(placed) !== describeReplicas(running)) {
        return { missing: `placed: ${describeReplicas(placed)}; ready: ${describeReplicas(running)}` };
      }
      return enough(running, count, 'ready');
    }, signal);
  }

  /** An answer out of the member itself: until its own actors are up, its servers call those of another over NATS. */
  async #ownAnswer(member: Member, signal: AbortSignal): Promise<Look<string>> {
    const answer = await this.#world.answer(member, signal);
    const isOwn = member.hosts.some(({ name }) => answer.includes(name));
    return isOwn ? { found: answer } : { missing: `${member.name} answers "${answer}", from no host of its own` };
  }

  /** The host that was killed comes back too. */
  async #allHostsReady(signal: AbortSignal): Promise<void> {
    const wanted = this.#instance.members.flatMap(({ hosts }) => hosts.map(({ name }) => name));
    await until(async () => {
      const ready = new Set(await this.#world.readyHosts(signal));
      const missing = wanted.filter((name) => !ready.has(name));
      return missing.length === 0 ? { found: true } : { missing: `${missing.join(', ')} not ready` };
    }, signal);
  }

  /** Every front door answers some times in a row, without an error. */
  async #allAnswer(signal: AbortSignal): Promise<void> {
    for (const member of this.#instance.members) {
      for (let n = 0; n < ANSWERS; n++) await this.#world.answer(member, signal);
    }
  }
}

const enough = (replicas: Replicas, count: number, what: string): Look<Replicas> =>
  totalOf(replicas) === count
    ? { found: replicas }
    : { missing: `${totalOf(replicas)} of ${count} replicas are ${what}: ${describeReplicas(replicas)}` };

const shortId = ({ id, subject }: Commit): string => `${id.slice(0, 7)} "${subject}"`;
