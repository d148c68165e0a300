/** A host in a process of its own, that runs nothing and says that it does. */
import { HollowHosts, KubeClient, loadKubeconfig, seededAnswers } from '@kasmcloud/kube';
import { systemClock } from '@kasmcloud/reconcile';

const { FAULT_KUBECONFIG: text = '', FAULT_HOST: name = '' } = process.env;
const host = new HollowHosts({
  client: new KubeClient(loadKubeconfig({ text })),
  clock: systemClock,
  random: Math.random,
  lattices: ['*'],
  leaseSeconds: 2,
  renewMs: 400,
  startDelayMs: 100,
  answers: seededAnswers({ seed: 1, failureRate: 0, badImages: [] }),
  onError: () => undefined,
  // It stops the old image before it starts the new one: what is updated is unavailable meanwhile.
  runtime: 'wasmcloud',
  labels: {},
  allocatable: {},
  interfaces: [],
  startedAt: new Date().toISOString(),
});
host.add(name);
process.send?.({ name });
process.once('disconnect', () => process.exit());
