import type { Case } from './case.ts';
import { kubeNodes } from './kube-nodes.ts';
import { kubePods } from './kube-pods.ts';
import { kubeRoom } from './kube-room.ts';
import { kubeSpread } from './kube-spread.ts';

/** What Kubernetes promises. */
export const kube: readonly Case[] = [...kubeSpread, ...kubeNodes, ...kubeRoom, ...kubePods];
