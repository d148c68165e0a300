import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { WasmCloudCluster } from '@kasmcloud/kube-api';
import {
  KubeClient,
  KubeconfigError,
  KubeError,
  loadKubeconfig,
  MembershipError,
  NotFoundError,
  UnreachableError,
} from '@kasmcloud/kube';
import { UserError } from '../user-error.ts';

/** Where the hub is, as the user says it. */
export interface HubFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Writes one line for the user. */
export type Say = (line: string) => void;

/** Does something on the hub, and tells in words of the user what went wrong. @throws {UserError} */
export async function onHub<T>(flags: HubFlags, act: (hub: KubeClient) => Promise<T>): Promise<T> {
  const file = flags.kubeconfig ?? kubeconfigOf(process.env);
  let hub: KubeClient;
  try {
    const context = flags.context === undefined ? {} : { context: flags.context };
    hub = new KubeClient(loadKubeconfig({ file, ...context }), { userAgent: 'kasm' });
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    throw new UserError(`the hub: ${file}: ${error.message}`, { cause: error });
  }
  try {
    return await act(hub);
  } catch (error) {
    throw inWords(error);
  } finally {
    await hub.close();
  }
}

/** As kubectl finds it; of several files the first. */
export function kubeconfigOf({ KUBECONFIG = '' }: NodeJS.ProcessEnv): string {
  const [first] = KUBECONFIG.split(delimiter).filter((file) => file !== '');
  return first ?? join(homedir(), '.kube', 'config');
}

function inWords(error: unknown): unknown {
  const options = { cause: error };
  if (error instanceof MembershipError) return new UserError(error.message, options);
  if (error instanceof NotFoundError && error.details.kind === undefined) {
    const why = `the hub has no ${WasmCloudCluster.plural}.${WasmCloudCluster.group}: are its resource definitions there?`;
    return new UserError(why, options);
  }
  if (error instanceof KubeError) return new UserError(`the hub refuses: ${error.message}`, options);
  if (error instanceof UnreachableError) return new UserError(`the hub cannot be reached: ${error.message}`, options);
  return error;
}
