import type { RemedyChange } from '@kasmcloud/placement';
import { namesOf } from './names.ts';

/** Hosts that are named in one change. */
const SHOWN = 3;

/** What somebody could do, in words. */
export function changeText(change: RemedyChange): string {
  switch (change.kind) {
    case 'SetField':
      return `${change.field}: ${change.value}`;
    case 'DropField':
      return `no ${change.field}`;
    case 'OverflowTiers':
      return 'overflow: true in spec.clusters.tiers';
    case 'Tolerate':
      return `a toleration of ${change.key}`;
    case 'UseOtherPorts':
      return `another port than ${change.ports.join(', ')}`;
    case 'RetryWhereFailed':
      return 'another try where its start failed';
    case 'RaiseQuota':
      return `a larger quota for namespace ${change.namespace}`;
    case 'UncordonHosts':
      return `uncordoned hosts: ${namesOf(change.hosts, SHOWN)}`;
    case 'ReadyHosts':
      return `hosts that are ready again: ${namesOf(change.hosts, SHOWN)}`;
    case 'RecoverHosts':
      return `hosts that are not lost: ${namesOf(change.hosts, SHOWN)}`;
    case 'ServeLattice':
      return `hosts that serve lattice ${change.lattice}: ${namesOf(change.hosts, SHOWN)}`;
    case 'UncordonCluster':
      return `cluster ${change.cluster} uncordoned`;
    case 'AddHost':
      return `one more host like ${change.like}`;
  }
}
