import { promises } from './promises.fixture.ts';

/** What the state of a host, or of its cluster, means for what runs there and for what is new. */

promises('cordon', [
  {
    promise: 'a cordoned host keeps what it has and gets nothing new',
    hosts: ['eu/a cordoned', 'eu/b'],
    distribution: { replicas: 5, current: { 'eu/a': 2 } },
    want: { host: { 'eu/a': 2, 'eu/b': 3 }, moves: 0 },
  },
  {
    promise: 'a cordoned cluster the same, on all of its hosts',
    clusters: ['eu cordoned'],
    hosts: ['eu/a', 'eu/b', 'us/c'],
    distribution: { replicas: 6, current: { 'eu/a': 2, 'eu/b': 1 } },
    want: { cluster: { eu: 3, us: 3 }, moves: 0 },
  },
  {
    promise: 'when fewer are wanted, a cordoned host gives up as any other',
    hosts: ['eu/a cordoned'],
    distribution: { replicas: 1, current: { 'eu/a': 3 } },
    want: { host: { 'eu/a': 1 } },
  },
  {
    promise: 'when nothing else is there, what is new waits',
    hosts: ['eu/a cordoned'],
    distribution: { replicas: 2 },
    want: { placed: 0, unplaced: { NoEligibleHost: 2 } },
  },
]);

promises('tolerations with seconds', [
  {
    promise: 'what runs stays for as long as the taint is borne',
    hosts: ['eu/a !flaky:NoExecute:59s', 'eu/b'],
    distribution: {
      replicas: 2,
      current: { 'eu/a': 2 },
      tolerations: [{ key: 'flaky', operator: 'Exists', seconds: 60 }],
    },
    want: { host: { 'eu/a': 2 }, moves: 0 },
  },
  {
    promise: 'and leaves in the second in which that is over',
    hosts: ['eu/a !flaky:NoExecute:60s', 'eu/b'],
    distribution: {
      replicas: 2,
      current: { 'eu/a': 2 },
      tolerations: [{ key: 'flaky', operator: 'Exists', seconds: 60 }],
    },
    want: { host: { 'eu/b': 2 }, moves: 2 },
  },
  {
    promise: '0 seconds is no patience at all',
    hosts: ['eu/a !flaky:NoExecute', 'eu/b'],
    distribution: {
      replicas: 1,
      current: { 'eu/a': 1 },
      tolerations: [{ key: 'flaky', operator: 'Exists', seconds: 0 }],
    },
    want: { host: { 'eu/b': 1 }, moves: 1 },
  },
  {
    promise: 'a taint of unknown age counts as just set',
    hosts: ['eu/a !flaky:NoExecute'],
    distribution: {
      replicas: 1,
      current: { 'eu/a': 1 },
      tolerations: [{ key: 'flaky', operator: 'Exists', seconds: 1 }],
    },
    want: { host: { 'eu/a': 1 }, moves: 0 },
  },
  {
    promise: 'without seconds it is borne for ever',
    hosts: ['eu/a !flaky:NoExecute:999999s'],
    distribution: { replicas: 1, current: { 'eu/a': 1 }, tolerations: [{ key: 'flaky', operator: 'Exists' }] },
    want: { host: { 'eu/a': 1 }, moves: 0 },
  },
  {
    promise: 'a taint of the cluster is one of all its hosts',
    clusters: ['eu !moving:NoExecute:30s'],
    hosts: ['eu/a', 'us/b'],
    distributions: {
      patient: {
        replicas: 1,
        current: { 'eu/a': 1 },
        tolerations: [{ key: 'moving', operator: 'Exists', seconds: 31 }],
      },
      hasty: { replicas: 1, current: { 'eu/a': 1 }, tolerations: [{ key: 'moving', operator: 'Exists', seconds: 30 }] },
    },
    wants: { patient: { host: { 'eu/a': 1 }, moves: 0 }, hasty: { host: { 'us/b': 1 }, moves: 1 } },
  },
  {
    promise: 'who is evicted leaves within the move budget',
    hosts: ['eu/a !flaky:NoExecute', 'eu/b'],
    distribution: { replicas: 3, current: { 'eu/a': 3 }, moveBudget: 1 },
    want: { host: { 'eu/a': 2, 'eu/b': 1 }, moves: 1, deferred: 2 },
  },
]);

promises('WIT interfaces', [
  {
    promise: 'a host that does not offer what is imported takes nothing',
    hosts: ['eu/a', 'eu/b wit:wasi:keyvalue/store@0.2.0-draft'],
    distribution: { replicas: 2, hosts: { interfaces: ['wasi:keyvalue/store@0.2.0-draft'] } },
    want: { host: { 'eu/b': 2 } },
  },
  {
    promise: 'the beginning of a name is not the name',
    hosts: ['eu/a wit:wasi:keyvalue/store-atomic@0.2.0'],
    distribution: { replicas: 1, hosts: { interfaces: ['wasi:keyvalue/store'] } },
    want: { placed: 0, unplaced: { NoEligibleHost: 1 } },
  },
  {
    promise: 'an interface that a host no longer offers moves what needs it',
    hosts: ['eu/a', 'eu/b wit:wasi:http/handler@0.2.1'],
    distribution: { replicas: 2, current: { 'eu/a': 2 }, hosts: { interfaces: ['wasi:http/handler'] } },
    want: { host: { 'eu/b': 2 }, moves: 2 },
  },
]);

promises('hosts that are Suspect, Lost or Unknown', [
  {
    promise: 'a Suspect host keeps what it has, and is not scaled up',
    hosts: ['eu/a Suspect'],
    distribution: { replicas: 3, current: { 'eu/a': 2 } },
    want: { host: { 'eu/a': 2 }, unplaced: { NoEligibleHost: 1 }, moves: 0 },
  },
  {
    promise: 'a Suspect host is scaled down: stopping can wait until it is back',
    hosts: ['eu/a Suspect', 'eu/b'],
    distribution: { replicas: 1, current: { 'eu/a': 3 } },
    want: { host: { 'eu/a': 1 } },
  },
  {
    promise: 'what a Lost host had starts elsewhere at once, whatever the move budget: a loss is no choice',
    hosts: ['eu/a Lost', 'eu/b'],
    distribution: { replicas: 3, current: { 'eu/a': 3 }, moveBudget: 0 },
    want: { host: { 'eu/b': 3 }, moves: 3 },
  },
  {
    promise: 'a host that is gone without a word is as one that is Lost',
    hosts: ['eu/b'],
    distribution: { replicas: 3, current: { 'eu/gone': 2, 'eu/b': 1 } },
    want: { host: { 'eu/b': 3 }, moves: 2 },
  },
  {
    promise: 'an Unknown host is frozen: it gives nothing up and gets nothing',
    hosts: ['eu/a Unknown', 'eu/b'],
    distribution: { replicas: 6, current: { 'eu/a': 2, 'eu/b': 1 } },
    want: { host: { 'eu/a': 2, 'eu/b': 4 }, moves: 0 },
  },
  {
    promise: 'even where what is frozen may not be there any more',
    hosts: ['eu/a Unknown !x:NoExecute', 'eu/b'],
    distribution: { replicas: 2, current: { 'eu/a': 2 } },
    want: { host: { 'eu/a': 2 }, moves: 0 },
  },
  {
    promise: 'a host that comes back empty stays empty until something new is placed',
    hosts: ['eu/a', 'eu/b'],
    distribution: { replicas: 4, current: { 'eu/b': 4 } },
    want: { host: { 'eu/b': 4 }, moves: 0 },
  },
  {
    promise: 'a daemon does not start where a host is late, and keeps what is there',
    hosts: ['eu/a Suspect', 'eu/b Suspect', 'eu/c'],
    distribution: { replicas: 1, mode: 'Daemon', current: { 'eu/a': 1 } },
    want: { host: { 'eu/a': 1, 'eu/c': 1 } },
  },
]);

promises('clusters that are unreachable or lost', [
  {
    promise: 'an unreachable cluster keeps what its Placements say, seen hosts or not',
    clusters: ['eu Unreachable'],
    hosts: ['eu/a', 'us/b'],
    distribution: { replicas: 7, current: { 'eu/a': 2, 'eu/unseen': 3, 'us/b': 1 } },
    want: { host: { 'eu/a': 2, 'eu/unseen': 3, 'us/b': 2 }, moves: 0 },
  },
  {
    promise: 'nothing there is taken away when fewer are wanted: the rest gives up, and what is left is excess',
    clusters: ['eu Unreachable'],
    hosts: ['eu/a', 'us/b'],
    distribution: { replicas: 2, current: { 'eu/a': 3, 'us/b': 2 } },
    want: { host: { 'eu/a': 3 }, excess: 1 },
  },
  {
    promise: 'its replicas count in the division: the other clusters get the rest',
    clusters: ['eu Unreachable'],
    hosts: ['eu/a', 'us/b', 'ap/c'],
    distribution: { replicas: 9, current: { 'eu/a': 3 } },
    want: { cluster: { eu: 3, us: 3, ap: 3 }, moves: 0 },
  },
  {
    promise: 'a lost cluster is replaced as a whole',
    clusters: ['eu Lost'],
    hosts: ['eu/a', 'eu/b', 'us/c', 'ap/d'],
    distribution: { replicas: 8, current: { 'eu/a': 2, 'eu/b': 2, 'us/c': 2, 'ap/d': 2 } },
    want: { cluster: { us: 4, ap: 4 }, moves: 4 },
  },
  {
    promise: 'a lost host of an unreachable cluster is lost all the same',
    clusters: ['eu Unreachable'],
    hosts: ['eu/a Lost', 'us/b'],
    distribution: { replicas: 2, current: { 'eu/a': 2 } },
    want: { host: { 'us/b': 2 }, moves: 2 },
  },
  {
    promise: 'when all is lost, all waits',
    clusters: ['eu Lost', 'us Lost'],
    hosts: ['eu/a', 'us/b'],
    distribution: { replicas: 4, current: { 'eu/a': 2, 'us/b': 2 } },
    want: { placed: 0, unplaced: { NoEligibleHost: 4 }, moves: 0 },
  },
]);
