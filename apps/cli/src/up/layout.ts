import { join } from 'node:path';

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
  readonly cluster: (name: string) => { readonly data: string; readonly kubeconfig: string };
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
    data: join(state, 'clusters', name),
    kubeconfig: join(state, 'clusters', name, 'kubeconfig'),
  }),
  host: (name) => join(state, 'hosts', name),
});
