import { join } from 'node:path';

export interface ClusterLayout {
  readonly folder: string;
  /** For whoever tries it out. */
  readonly kubeconfig: string;
  /** For one of our services, in a cluster where each has an account of its own. */
  readonly account: (service: Service) => string;
}

export type Service = 'scheduler' | 'repeater' | 'host';

/** Where an instance keeps what in its state folder. */
export interface Layout {
  readonly state: string;
  readonly stateFile: string;
  /** Every cluster in one file, a context each. */
  readonly kubeconfig: string;
  /** The bearer token of the demo's account. */
  readonly token: string;
  readonly logs: string;
  readonly git: string;
  readonly gitCache: string;
  readonly nats: string;
  readonly redis: string;
  readonly cluster: (name: string) => ClusterLayout;
  readonly host: (name: string) => string;
}

export const layoutOf = (state: string): Layout => ({
  state,
  stateFile: join(state, 'state.json'),
  kubeconfig: join(state, 'kubeconfig'),
  token: join(state, 'token'),
  logs: join(state, 'logs'),
  git: join(state, 'git'),
  gitCache: join(state, 'cache', 'git'),
  nats: join(state, 'nats'),
  redis: join(state, 'redis'),
  cluster: (name) => ({
    folder: join(state, 'clusters', name),
    kubeconfig: join(state, 'clusters', name, 'kubeconfig'),
    account: (service) => join(state, 'clusters', name, `${service}.kubeconfig`),
  }),
  host: (name) => join(state, 'hosts', name),
});
