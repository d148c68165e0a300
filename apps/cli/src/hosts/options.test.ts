import { expect, test } from 'vitest';
import { UserError } from '../user-error.ts';
import { parseHostsOptions, type HollowOptions } from './options.ts';
import { hostsDefaults, type RawHostsOptions } from './raw-options.ts';

const parse = (raw: Partial<RawHostsOptions> = {}): HollowOptions =>
  parseHostsOptions({ ...hostsDefaults, hollow: '3', kubeconfig: ['eu.yaml'], ...raw }, '/here');

test('a lease is renewed three times in its life unless told otherwise', () => {
  expect(parse()).toMatchObject({ hosts: 3, leaseSeconds: 15, renewMs: 5_000, startDelayMs: 100, failureRate: 0 });
  expect(parse({ renew: '1s' }).renewMs).toBe(1_000);
});

test('every cluster is a file with a context, and says how its hosts are named', () => {
  const { clusters } = parse({ kubeconfig: ['eu=/etc/all#eu-1', 'us.yaml'] });
  expect(clusters).toEqual([
    { prefix: 'eu', file: '/etc/all', context: 'eu-1' },
    { prefix: 'hollow', file: '/here/us.yaml' },
  ]);
});

test('labels, resources and lists', () => {
  const raw = { labels: 'rack=r1,disk=ssd', allocatable: 'instances=20, memory=4Gi', lattices: 'shop,bank' };
  expect(parse(raw)).toMatchObject({
    labels: { rack: 'r1', disk: 'ssd' },
    allocatable: { instances: '20', memory: '4Gi' },
    lattices: ['shop', 'bank'],
    interfaces: [],
  });
});

test.each<{ raw: Partial<RawHostsOptions>; option: string }>([
  { raw: { hollow: '0' }, option: '--hollow' },
  { raw: { hollow: '1.5' }, option: '--hollow' },
  { raw: { hollow: '10001' }, option: '--hollow' },
  { raw: { hollow: '' }, option: '--hollow' },
  { raw: { kubeconfig: ['a', 'x=a'] }, option: '--kubeconfig' },
  { raw: { kubeconfig: ['EU=a'] }, option: '"EU"' },
  { raw: { labels: 'rack' }, option: '--labels' },
  { raw: { allocatable: 'a=b=c' }, option: '--allocatable' },
  { raw: { runtime: 'docker' }, option: '--runtime' },
  { raw: { startDelay: '5' }, option: '--start-delay' },
  { raw: { failureRate: '1.1' }, option: '--failure-rate' },
  { raw: { failureRate: 'NaN' }, option: '--failure-rate' },
  { raw: { lease: '10ms' }, option: '--lease' },
  { raw: { lease: '5s', renew: '5s' }, option: '--renew' },
  { raw: { seed: '-1' }, option: '--seed' },
])('refuses $raw', ({ raw, option }) => {
  expect(() => parse(raw)).toThrow(UserError);
  expect(() => parse(raw)).toThrow(option);
});
