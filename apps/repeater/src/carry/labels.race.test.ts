import assert from 'node:assert/strict';
import { annotations, type HostObject } from '@kasmcloud/kube-api';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { desiredHost } from '../legacy/host-object.ts';
import { ownLabels, withoutMarks } from '../legacy/own-labels.ts';
import type { Sighting } from '../legacy/sighting.ts';
import { labelCommands, type LabelCommand } from './labels.ts';

type Labels = Record<string, string>;
type Writer = 'person' | 'repeater';
/** How far one look of the carrier is: it has read the object, then the host, then tells the host one thing after another. */
type Look =
  | { readonly read: Pick<HostObject, 'metadata'>; readonly wished: Labels }
  | { readonly commands: readonly LabelCommand[] };
/** What becomes of a command: done, not done before everything else goes on (its sender waits no longer), or lost. */
type Fate = 'done' | 'late' | 'lost';

const sighting: Sighting = {
  id: `N${'A'.repeat(55)}`,
  lattice: 'shop',
  friendlyName: 'moon',
  version: '1.9.2',
  labels: {},
  startedAt: { now: 0, steady: 0 },
  inventory: undefined,
  stopped: false,
  rivals: [],
};

/** One legacy host, its object, a person who labels that, and the two parts of a repeater that come in between. */
class LabelWorld {
  readonly person: Labels = {};
  #own: Labels = {};
  #host: Labels = {};
  /** Commands that the host has not carried out yet: in the order in which they came. */
  #inbox: LabelCommand[] = [];
  /** What the host told, and nobody has written yet. */
  readonly #told: Labels[] = [];
  readonly #labels = new Map<string, { readonly value: string; readonly writers: ReadonlySet<Writer> }>();
  #note: string | undefined;
  #look: Look | undefined;

  /** As `kubectl label` does: what is so already is not written. */
  set(key: string, value: string): void {
    this.person[key] = value;
    if (this.#labels.get(key)?.value !== value) this.#labels.set(key, { value, writers: new Set(['person']) });
  }

  take(key: string): void {
    delete this.person[key];
    this.#labels.delete(key);
  }

  /**
   * Labels of its own alone are left. A host may do so while its answer about its labels is being acted upon, and lose one of
   * its own to that; nothing can be done about it without commands that have conditions, so that such a look ends here.
   */
  restart(own: Labels): void {
    this.#own = { ...own };
    this.#host = { ...own };
    this.#inbox = [];
    if (this.#look !== undefined && 'commands' in this.#look) this.#look = undefined;
  }

  tell(): void {
    this.#told.push({ ...this.#host });
  }

  /** The observer applies something that the host told, however late; by the rules of server-side apply, with force. */
  write(index: number): void {
    const [labels] = this.#told.splice(index % Math.max(1, this.#told.length), 1);
    if (labels === undefined) return;
    const { metadata } = desiredHost({ ...sighting, labels });
    for (const [key, { value, writers }] of this.#labels) {
      if (key in metadata.labels || !writers.has('repeater')) continue;
      if (writers.has('person')) this.#labels.set(key, { value, writers: new Set(['person']) });
      else this.#labels.delete(key);
    }
    for (const [key, value] of Object.entries(metadata.labels)) {
      const known = this.#labels.get(key);
      const writers: Writer[] = known?.value === value ? [...known.writers, 'repeater'] : ['repeater'];
      this.#labels.set(key, { value, writers: new Set(writers) });
    }
    this.#note = metadata.annotations[annotations.hostLabels];
  }

  /** The carrier does the next thing of a look, or begins one. */
  carry(fate: Fate): void {
    if (this.#look === undefined) this.#look = { read: this.#object(), wished: { ...this.person } };
    else if ('read' in this.#look) this.#look = { commands: this.#decide(this.#look) };
    else this.#send(this.#look.commands, fate);
  }

  crash(): void {
    this.#look = undefined;
  }

  /** The host does what it was told first, and whoever hears of its labels then knows which are its own. */
  work(): void {
    const command = this.#inbox.shift();
    if (command === undefined) return;
    if (command.value === undefined) delete this.#host[command.key];
    else this.#host[command.key] = command.value;
    assert.deepEqual(ownLabels(this.#host), this.#own);
  }

  #workAll(): void {
    while (this.#inbox.length > 0) this.work();
  }

  /** Everything that is under way arrives, and everybody does what is left to do. */
  quiet(): void {
    for (let round = 0; round < 4; round++) {
      this.#workAll();
      this.tell();
      while (this.#told.length > 0) this.write(0);
      this.crash();
      this.carry('done');
      this.carry('done');
      while (this.#look !== undefined) this.carry('done');
    }
    assert.deepEqual(labelCommands(this.#host, this.#object()), []);
  }

  get host(): Labels {
    return withoutMarks(this.#host);
  }

  get object(): Labels {
    return Object.fromEntries([...this.#labels].map(([key, { value }]) => [key, value]));
  }

  get own(): Labels {
    return this.#own;
  }

  #object(): Pick<HostObject, 'metadata'> {
    const noted = this.#note === undefined ? {} : { [annotations.hostLabels]: this.#note };
    return { metadata: { name: 'h', labels: this.object, annotations: noted } };
  }

  #decide({ read, wished }: Extract<Look, { read: unknown }>): LabelCommand[] {
    const commands = labelCommands(this.#host, read);
    const puts = commands.filter(({ key, value }) => value !== undefined && !key.includes('/'));
    const unwished = puts.filter(({ key, value }) => wished[key] !== value);
    assert.deepEqual(unwished, [], 'puts what was taken back already when the object was read');
    return commands;
  }

  #send([command, ...rest]: readonly LabelCommand[], fate: Fate): void {
    this.#look = rest.length > 0 && fate === 'done' ? { commands: rest } : undefined;
    if (command === undefined || fate === 'lost') return;
    this.#inbox.push(command);
    if (fate === 'done') this.#workAll();
  }
}

const values = fc.constantFrom('1', '2');
/** The host never has `a` of its own, and nobody else gives it `d`. */
const wishes = fc.constantFrom('a', 'c');
type Event = (world: LabelWorld) => void;
const by = (weight: number, arbitrary: fc.Arbitrary<Event>) => ({ weight, arbitrary });
const events = fc.oneof(
  by(
    3,
    fc.tuple(wishes, values).map(
      ([key, value]) =>
        (world) =>
          world.set(key, value),
    ),
  ),
  by(
    2,
    wishes.map((key) => (world) => world.take(key)),
  ),
  by(
    1,
    fc.record({ c: values, d: values }, { requiredKeys: [] }).map((own) => (world) => world.restart(own)),
  ),
  by(
    2,
    fc.constant((world) => world.tell()),
  ),
  by(
    2,
    fc.nat(9).map((index) => (world) => world.write(index)),
  ),
  by(
    1,
    fc.constant((world) => world.crash()),
  ),
  by(
    1,
    fc.constant((world) => world.work()),
  ),
  by(
    6,
    fc.tuple(fc.nat(6), fc.constantFrom<Fate>('done', 'late', 'lost')).map(([steps, fate]) => (world) => {
      for (let step = 0; step < steps; step++) world.carry('done');
      world.carry(fate);
    }),
  ),
);

test('whoever is late, fails or restarts: the host ends with its own labels and those that people gave it', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 60, size: 'max' }), (all) => {
      const world = new LabelWorld();
      for (const happen of all) happen(world);
      world.quiet();
      const { host, own, person, object } = world;
      expect(host).toMatchObject(own);
      expect(object).toEqual(host);
      expect(host['a']).toBe(person['a']);
      // A person's `c` may have given way to the host's, but one that was taken back is gone.
      const returned = Object.keys(host).filter((key) => !(key in own) && !(key in person));
      expect(returned).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});
