import { labels } from '@kasmcloud/kube-api';
import type { Case } from './case.ts';

/**
 * What wadm promises of `spreadscaler` and `daemonscaler`: its arithmetic for the groups, kept to the last remainder;
 * inside a group our own spread. Where wadm starts and stops for ever (wadm#432), the text says what we promise.
 */

const { zone } = labels;
const in_ = (value: string) => ({ zone: value });
const hosts = ['eu/a zone=east', 'eu/b zone=west'];

export const wadm: readonly Case[] = [
  {
    promise: 'spreadscaler: two groups of weight 50 share evenly',
    hosts,
    distribution: {
      replicas: 10,
      groups: [
        { name: 'east', requirements: in_('east'), weight: 50 },
        { name: 'west', requirements: in_('west'), weight: 50 },
      ],
    },
    want: { zone: { east: 5, west: 5 } },
  },
  {
    promise: 'spreadscaler: 20 and 80 of 5 are 1 and 4',
    hosts,
    distribution: {
      replicas: 5,
      groups: [
        { name: 'east', requirements: in_('east'), weight: 20 },
        { name: 'west', requirements: in_('west'), weight: 80 },
      ],
    },
    want: { zone: { east: 1, west: 4 } },
  },
  {
    promise: 'spreadscaler: the remainder goes to the heaviest: 7 by 30 and 40 are 3 and 4',
    hosts,
    distribution: {
      replicas: 7,
      groups: [
        { name: 'east', requirements: in_('east'), weight: 30 },
        { name: 'west', requirements: in_('west'), weight: 40 },
      ],
    },
    want: { zone: { east: 3, west: 4 } },
  },
  {
    promise: 'spreadscaler: of equal weights the one written first gets the remainder',
    hosts,
    distribution: {
      replicas: 7,
      groups: [
        { name: 'west', requirements: in_('west') },
        { name: 'east', requirements: in_('east') },
      ],
    },
    want: { zone: { east: 3, west: 4 } },
  },
  {
    promise: 'spreadscaler: the floor may leave a small group without any (103 by 42, 3, 37, 384)',
    hosts: ['eu/a zone=a', 'eu/b zone=b', 'eu/c zone=c', 'eu/d zone=d'],
    distribution: {
      replicas: 103,
      groups: [
        { name: 'a', requirements: in_('a'), weight: 42 },
        { name: 'b', requirements: in_('b'), weight: 3 },
        { name: 'c', requirements: in_('c'), weight: 37 },
        { name: 'd', requirements: in_('d'), weight: 384 },
      ],
    },
    want: { zone: { a: 10, c: 8, d: 85 } },
  },
  {
    promise: 'spreadscaler: a spread without a weight weighs 100',
    hosts,
    distribution: {
      replicas: 8,
      groups: [
        { name: 'east', requirements: in_('east') },
        { name: 'west', requirements: in_('west'), weight: 300 },
      ],
    },
    want: { zone: { east: 2, west: 6 } },
  },
  {
    promise: 'spreadscaler: a spread of weight 0 gets nothing',
    hosts,
    distribution: {
      replicas: 4,
      groups: [
        { name: 'east', requirements: in_('east'), weight: 0 },
        { name: 'west', requirements: in_('west'), weight: 1 },
      ],
    },
    want: { zone: { west: 4 } },
  },
  {
    promise: 'spreadscaler: weights that are all 0 are an error, not a division by it',
    hosts,
    distribution: { replicas: 4, groups: [{ name: 'east', requirements: in_('east'), weight: 0 }] },
    want: { unplaced: { InvalidSpec: 4 } },
  },
  {
    promise: 'spreadscaler: without a spread, anywhere',
    hosts,
    distribution: { replicas: 4 },
    want: { host: { 'eu/a': 2, 'eu/b': 2 } },
  },
  {
    promise: 'spreadscaler: all requirements of a spread must be met',
    hosts: ['eu/a zone=east disk=ssd', 'eu/b zone=east', 'eu/c disk=ssd'],
    distribution: { replicas: 3, groups: [{ name: 'east', requirements: { zone: 'east', disk: 'ssd' } }] },
    want: { host: { 'eu/a': 3 } },
  },
  {
    promise: 'spreadscaler: one that no host meets does not block the others',
    hosts,
    distribution: {
      replicas: 4,
      groups: [
        { name: 'east', requirements: in_('east') },
        { name: 'moon', requirements: in_('moon') },
      ],
    },
    want: { zone: { east: 2 }, unplaced: { NoEligibleHost: 2 } },
  },
  {
    promise: 'spreadscaler: spreads that overlap come to rest (wadm starts and stops for ever)',
    hosts: ['eu/a zone=east disk=ssd', 'eu/b zone=west disk=ssd', 'eu/c zone=east'],
    distribution: {
      replicas: 4,
      current: { 'eu/a': 2, 'eu/c': 2 },
      groups: [
        { name: 'east', requirements: in_('east') },
        { name: 'ssd', requirements: { disk: 'ssd' } },
      ],
    },
    want: { host: { 'eu/a': 2, 'eu/c': 2 }, moves: 0 },
  },
  {
    promise: 'spreadscaler: of spreads that overlap, the one with fewer hosts gets the room that only it can use',
    hosts: ['eu/a zone=east disk=ssd instances=2', 'eu/b zone=west disk=ssd instances=2'],
    distribution: {
      replicas: 4,
      groups: [
        { name: 'ssd', requirements: { disk: 'ssd' } },
        { name: 'east', requirements: in_('east') },
      ],
    },
    want: { host: { 'eu/a': 2, 'eu/b': 2 } },
  },
  {
    promise: 'spreadscaler: what one spread took moves over within it, so that another that overlaps fits too',
    hosts: ['eu/a disk=ssd instances=3', 'eu/b disk=ssd zone=east instances=3', 'eu/c zone=east instances=3'],
    distribution: {
      replicas: 9,
      groups: [
        { name: 'east', requirements: in_('east'), weight: 53 },
        { name: 'ssd', requirements: { disk: 'ssd' }, weight: 50 },
      ],
    },
    want: { host: { 'eu/a': 3, 'eu/b': 3, 'eu/c': 3 } },
  },
  {
    promise: 'spreadscaler: inside a spread the hosts share (wadm fills the first one)',
    hosts: ['eu/a zone=east', 'eu/b zone=east', 'us/c zone=east'],
    distribution: { replicas: 4, groups: [{ name: 'east', requirements: in_('east') }] },
    want: { cluster: { eu: 2, us: 2 }, host: [2, 1, 1] },
  },
  {
    promise: 'spreadscaler: scaling up keeps what runs in every spread',
    hosts,
    distribution: {
      replicas: 6,
      current: { 'eu/a': 2, 'eu/b': 2 },
      groups: [
        { name: 'east', requirements: in_('east') },
        { name: 'west', requirements: in_('west') },
      ],
    },
    want: { zone: { east: 3, west: 3 }, moves: 0 },
  },
  {
    promise: 'spreadscaler: a host whose label changed loses what the spread gave it',
    hosts: ['eu/a zone=west', 'eu/b zone=east'],
    distribution: { replicas: 2, current: { 'eu/a': 2 }, groups: [{ name: 'east', requirements: in_('east') }] },
    want: { host: { 'eu/b': 2 }, moves: 2 },
  },
  {
    promise: 'spreadscaler: a lost host is replaced inside its spread',
    hosts: ['eu/a zone=east Lost', 'eu/b zone=east', 'eu/c zone=west'],
    distribution: {
      replicas: 4,
      current: { 'eu/a': 2, 'eu/c': 2 },
      groups: [
        { name: 'east', requirements: in_('east') },
        { name: 'west', requirements: in_('west') },
      ],
    },
    want: { host: { 'eu/b': 2, 'eu/c': 2 }, moves: 2 },
  },
  {
    promise: 'daemonscaler: so many on every host',
    hosts: ['eu/a', 'us/b'],
    distribution: { mode: 'Daemon', replicas: 3 },
    want: { host: { 'eu/a': 3, 'us/b': 3 } },
  },
  {
    promise: 'daemonscaler: on hosts that meet the requirements only',
    hosts,
    distribution: { mode: 'Daemon', replicas: 2, groups: [{ name: 'east', requirements: in_('east') }] },
    want: { host: { 'eu/a': 2 } },
  },
  {
    promise: 'daemonscaler: a host that several spreads match gets the number of each',
    hosts: ['eu/a zone=east disk=ssd', 'eu/b zone=east'],
    distribution: {
      mode: 'Daemon',
      replicas: 2,
      groups: [
        { name: 'east', requirements: in_('east') },
        { name: 'ssd', requirements: { disk: 'ssd' } },
      ],
    },
    want: { host: { 'eu/a': 4, 'eu/b': 2 } },
  },
  {
    promise: 'daemonscaler: a host that joins gets its number, a host that leaves takes its own along',
    hosts: ['eu/a', 'eu/b', 'eu/c Lost'],
    distribution: { mode: 'Daemon', replicas: 2, current: { 'eu/a': 2, 'eu/c': 2 } },
    want: { host: { 'eu/a': 2, 'eu/b': 2 }, moves: 0 },
  },
  {
    promise: 'a provider runs once on each host of its spread',
    hosts: [...hosts, 'eu/c zone=east'],
    distribution: { provider: true, replicas: 2, groups: [{ name: 'east', requirements: in_('east') }] },
    want: { host: { 'eu/a': 1, 'eu/c': 1 } },
  },
  {
    promise: 'labels of the topology may be written in full, too',
    hosts,
    distribution: { replicas: 2, groups: [{ name: 'east', requirements: { [zone]: 'east' } }] },
    want: { host: { 'eu/a': 2 } },
  },
];
