import type { LabelSelector } from '@kasmcloud/kube-api';
import type { Labels } from '../model/snapshot.ts';
import { matchesAll, meets } from './term.ts';

/** Whether a Kubernetes label selector selects labels; an empty one selects everything. */
export const selects = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean =>
  matchesAll(matchLabels, labels) && matchExpressions.every((requirement) => meets(requirement, labels));
