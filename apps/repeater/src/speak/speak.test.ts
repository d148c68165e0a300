import type { ActorObject, Condition, HostObject, HostStatus, ProviderObject } from '@kasmcloud/kube-api';
import { RUNTIME_LABEL } from '@kasmcloud/wire';
import { describe, expect, test } from 'vitest';
import { changesOf } from './changes.ts';
import { spokenHosts, toHost, toInventory, type MemberView, type SpokenHost } from './inventory.ts';

const id = `N${'A'.repeat(55)}`;
const type = { apiVersion: 'kasmcloud.io/v1alpha1', kind: 'any' };
const ready = (status: Condition['status'] = 'True'): Condition[] => [
  { type: 'Ready', status, reason: 'Test', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
];
const host = (status: HostStatus = {}, lattices: string[] = ['*']): HostObject => ({
  ...type,
  metadata: { name: 'eu-1', labels: { zone: 'a' } },
  spec: { lattices },
  status: {
    hostId: id,
    runtime: 'kasmcloud',
    version: '0.1.0',
    labels: { 'hostcore.os': 'linux' },
    startedAt: '2026-01-01T00:00:00Z',
    conditions: ready(),
    ...status,
  },
});
const actor = (
  name: string,
  instances: number,
  status: ActorObject['status'] = { conditions: ready() },
): ActorObject => ({
  ...type,
  metadata: { name, namespace: 'shop' },
  spec: { hostName: 'eu-1', id: 'hello', image: 'r:1', instances },
  status,
});
const provider: ProviderObject = {
  ...type,
  metadata: { name: 'http', namespace: 'shop' },
  spec: { hostName: 'eu-1', id: 'http', image: 'http:1' },
  status: { conditions: ready() },
};
const member = (hosts: HostObject[], actors: ActorObject[] = [], providers: ProviderObject[] = []): MemberView => ({
  name: 'eu',
  ourHosts: hosts,
  actorsOn: (lattice, name) => (lattice === 'shop' && name === 'eu-1' ? actors : []),
  providersOn: (lattice, name) => (lattice === 'shop' && name === 'eu-1' ? providers : []),
});
const spoken = (...members: MemberView[]): SpokenHost | undefined => spokenHosts('shop', members).get(id);

describe('whom to speak for', () => {
  test.for([
    { name: 'a host of all lattices', given: host(), want: true },
    { name: 'a host of this lattice', given: host({}, ['other', 'shop']), want: true },
    { name: 'a host of another lattice', given: host({}, ['other']), want: false },
    { name: 'a host of none', given: host({}, []), want: false },
    { name: 'a legacy host', given: host({ runtime: 'wasmcloud' }), want: false },
    ...['', 'NABC', '>', 'a.b', `${id} x`, id.toLowerCase()].map((hostId) => ({
      name: `a host of the id '${hostId}'`,
      given: host({ hostId }),
      want: false,
    })),
  ])('$name: $want', ({ given, want }) => {
    expect(spoken(member([given])) !== undefined).toBe(want);
  });

  test('a host that is not Ready is silent', () => {
    expect(spoken(member([host()]))?.alive).toBe(true);
    expect(spoken(member([host({ conditions: ready('Unknown') })]))?.alive).toBe(false);
  });

  test('of several with one id the first that is alive', () => {
    const lost = { ...host({ conditions: ready('Unknown') }), metadata: { name: 'lost' } };
    const late = { ...host(), metadata: { name: 'late' } };
    const names = [[lost, host()], [host(), lost], [host(), late], [lost]].map(
      (hosts) => spoken(member(hosts))?.object.name,
    );
    expect(names).toEqual(['eu-1', 'eu-1', 'eu-1', 'lost']);
  });

  test('a version that wadm would not read becomes one that it does', () => {
    expect(spoken(member([host({ version: 'main-1234' })]))?.version).toBe('0.0.0');
  });
});

test('an inventory and a ping answer say what runs', () => {
  const sleeping = actor('b', 0);
  const starting = actor('c', 4, { conditions: ready('False') });
  const one = spoken(member([host()], [actor('a', 3), actor('d', 2), sleeping, starting], [provider]));
  const now = Date.parse('2026-01-01T00:01:04.900Z');
  const labels = { 'hostcore.os': 'linux', zone: 'a', [RUNTIME_LABEL]: 'kasmcloud' };
  expect(one && toInventory(one, now)).toEqual({
    components: [{ id: 'hello', image_ref: 'r:1', annotations: {}, revision: 0, max_instances: 5, limits: null }],
    providers: [{ id: 'http', image_ref: 'http:1', annotations: {}, revision: 0 }],
    host_id: id,
    friendly_name: 'eu-1',
    labels,
    version: '0.1.0',
    uptime_human: '1m 4s',
    uptime_seconds: 64,
  });
  expect(one && toHost(one, 'shop', now)).toEqual({
    id,
    friendly_name: 'eu-1',
    labels,
    lattice: 'shop',
    uptime_human: '1m 4s',
    uptime_seconds: 64,
    version: '0.1.0',
  });
});

const say = (before?: SpokenHost, after?: SpokenHost): string[] =>
  changesOf(before, after).map(({ name, data }) => ('max_instances' in data ? `${name} ${data.max_instances}` : name));

describe('what a change is told as', () => {
  const nothing = spoken(member([host()]));
  const three = spoken(member([host()], [actor('a', 3)]));
  const five = spoken(member([host()], [actor('a', 5)]));
  const serving = spoken(member([host()], [], [provider]));
  const newer = spoken(member([host()], [], [{ ...provider, spec: { ...provider.spec, image: 'http:2' } }]));
  const sick = spoken(member([host()], [actor('a', 3, { conditions: ready('False') })]));
  const ill = spoken(member([host()], [], [{ ...provider, status: { conditions: ready('False') } }]));
  const moved = spoken(member([host({ labels: { 'hostcore.os': 'linux', rack: '7' } })]));
  test.for([
    { name: 'nothing', before: three, after: three, want: [] },
    { name: 'a new host', before: undefined, after: three, want: ['host_started', 'component_scaled 3'] },
    { name: 'a host that went', before: three, after: undefined, want: ['host_stopped'] },
    { name: 'an actor started', before: nothing, after: three, want: ['component_scaled 3'] },
    { name: 'an actor scaled', before: three, after: five, want: ['component_scaled 5'] },
    { name: 'an actor stopped', before: five, after: nothing, want: ['component_scaled 0'] },
    { name: 'a provider started', before: nothing, after: serving, want: ['provider_started', 'health_check_passed'] },
    {
      name: 'a provider replaced',
      before: serving,
      after: newer,
      want: ['provider_stopped', 'provider_started', 'health_check_passed'],
    },
    { name: 'an actor refused', before: nothing, after: sick, want: ['component_scale_failed 3'] },
    { name: 'an actor refused still', before: sick, after: sick, want: [] },
    {
      name: 'a provider that fails after it ran',
      before: serving,
      after: ill,
      want: ['provider_stopped', 'health_check_failed', 'provider_start_failed'],
    },
    { name: 'another label', before: nothing, after: moved, want: ['labels_changed'] },
    { name: 'a provider stopped', before: serving, after: nothing, want: ['provider_stopped'] },
  ])('$name', ({ before, after, want }) => {
    expect(say(before, after)).toEqual(want);
  });
});
