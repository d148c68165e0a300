import { leaseSeconds } from '@kasmcloud/kube-api';

/** The options as commander gives them. */
export interface RawHostsOptions {
  readonly hollow: string;
  readonly kubeconfig: readonly string[];
  readonly name: string;
  readonly labels?: string;
  readonly lattices: string;
  readonly allocatable: string;
  readonly interfaces?: string;
  readonly runtime: string;
  readonly startDelay: string;
  readonly failureRate: string;
  readonly badImage?: readonly string[];
  readonly lease: string;
  readonly renew?: string;
  readonly seed: string;
}

export const hostsDefaults = {
  name: 'hollow',
  lattices: '*',
  allocatable: 'instances=10000',
  runtime: 'kasmcloud',
  startDelay: '100ms',
  failureRate: '0',
  lease: `${leaseSeconds.kasmcloudHost}s`,
  seed: '1',
} as const;
