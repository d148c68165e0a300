import { promises } from './promises.fixture.ts';

promises('resource vectors', [
  {
    promise: 'each host by the resource that runs out first there',
    hosts: ['eu/a cpu=1 memory=64Gi', 'eu/b cpu=64 memory=2Gi'],
    distribution: { replicas: 9, resources: { cpu: '250m', memory: '1Gi' } },
    want: { host: { 'eu/a': 4, 'eu/b': 2 }, unplaced: { InsufficientRoom: 3 } },
  },
  {
    promise: 'any name is a resource, of any domain',
    hosts: ['eu/a gpu.example.com=2', 'eu/b'],
    distribution: { replicas: 3, resources: { 'gpu.example.com': 1 } },
    want: { host: { 'eu/a': 2 }, unplaced: { InsufficientRoom: 1 } },
  },
  {
    promise: 'every replica takes one instance of its host besides',
    hosts: ['eu/a instances=3 memory=64Gi'],
    distribution: { replicas: 5, resources: { memory: '1Mi' } },
    want: { host: { 'eu/a': 3 }, unplaced: { InsufficientRoom: 2 } },
  },
  {
    promise: 'two that need different things share a host fully',
    hosts: ['eu/a cpu=4 memory=4Gi'],
    distributions: {
      busy: { replicas: 4, resources: { cpu: '1' } },
      large: { replicas: 4, resources: { memory: '1Gi' } },
    },
    wants: { busy: { placed: 4 }, large: { placed: 4 } },
  },
  {
    promise: 'a host that has less than what runs on it takes nothing new and stops nothing',
    hosts: ['eu/a memory=1Gi'],
    distribution: { replicas: 4, resources: { memory: '1Gi' }, current: { 'eu/a': 3 } },
    want: { host: { 'eu/a': 3 }, unplaced: { InsufficientRoom: 1 }, moves: 0 },
  },
  {
    promise: 'room is taken by what was placed before in the same plan',
    hosts: ['eu/a memory=3Gi'],
    distributions: {
      first: { replicas: 2, priority: 2, resources: { memory: '1Gi' } },
      second: { replicas: 2, priority: 1, resources: { memory: '1Gi' } },
    },
    wants: { first: { placed: 2 }, second: { placed: 1, unplaced: { InsufficientRoom: 1 } } },
  },
]);

promises('host ports', [
  {
    promise: 'one host has one provider on a port',
    hosts: ['eu/a', 'eu/b'],
    distributions: {
      web: { provider: true, replicas: 1, ports: ['8080'], current: { 'eu/a': 1 } },
      api: { provider: true, replicas: 2, ports: ['8080'] },
    },
    wants: { web: { host: { 'eu/a': 1 } }, api: { host: { 'eu/b': 1 }, unplaced: 1 } },
  },
  {
    promise: 'different ports do not meet',
    hosts: ['eu/a'],
    distributions: {
      web: { provider: true, replicas: 1, ports: ['8080'] },
      api: { provider: true, replicas: 1, ports: ['8081'] },
    },
    wants: { web: { placed: 1 }, api: { placed: 1 } },
  },
  {
    promise: 'of several ports one that is taken is enough to refuse',
    hosts: ['eu/a'],
    distributions: {
      web: { provider: true, replicas: 1, ports: ['8080'], current: { 'eu/a': 1 } },
      api: { provider: true, replicas: 1, ports: ['9090', '8080'] },
    },
    wants: { web: { placed: 1 }, api: { placed: 0, unplaced: { HostPortTaken: 1 } } },
  },
  {
    promise: 'the same port is free in another lattice only on another host: a port is of the host',
    hosts: ['eu/a', 'eu/b'],
    distributions: {
      web: { namespace: 'one', provider: true, replicas: 1, ports: ['80'] },
      api: { namespace: 'two', provider: true, replicas: 1, ports: ['80'] },
    },
    wants: { web: { host: [1, 0] }, api: { host: [1, 0] } },
  },
  {
    promise: 'whoever has the higher priority gets the port',
    hosts: ['eu/a'],
    distributions: {
      low: { provider: true, replicas: 1, priority: 1, ports: ['80'] },
      high: { provider: true, replicas: 1, priority: 2, ports: ['80'] },
    },
    wants: { low: { placed: 0, unplaced: { HostPortTaken: 1 } }, high: { placed: 1 } },
  },
  {
    promise: 'a port that is given up is free in the same plan',
    hosts: ['eu/a'],
    distributions: {
      old: { provider: true, replicas: 0, ports: ['80'], current: { 'eu/a': 1 } },
      next: { provider: true, replicas: 1, ports: ['80'] },
    },
    wants: { old: { placed: 0 }, next: { host: { 'eu/a': 1 } } },
  },
  {
    promise: 'two that stand on one port already are both left alone',
    hosts: ['eu/a', 'eu/b'],
    distributions: {
      one: { provider: true, replicas: 1, ports: ['80'], current: { 'eu/a': 1 } },
      two: { provider: true, replicas: 1, ports: ['80'], current: { 'eu/a': 1 } },
    },
    wants: { one: { host: { 'eu/a': 1 }, moves: 0 }, two: { host: { 'eu/a': 1 }, moves: 0 } },
  },
]);
