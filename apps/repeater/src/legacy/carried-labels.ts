import { annotations, type HostObject } from '@kasmcloud/kube-api';
import { annotatedTexts } from '../annotated.ts';

/** Labels that are on a legacy host because Kubernetes says so: its WasmCloudHost has them from a person, not from the host. */
export const carriedLabels = (host: HostObject): Record<string, string> =>
  annotatedTexts(host, annotations.carriedLabels);
