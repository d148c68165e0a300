import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { fieldManagers, labels } from '@kasmcloud/kube-api';
import type { AnyObject } from '@kasmcloud/kube';
import type { Mark } from '../seed.ts';

/** The labels of everything that the `kasm up` of a state folder makes in a cluster of somebody else. */
export const markOf = (stateFolder: string): Mark => ({
  [labels.managedBy]: fieldManagers.cli,
  [labels.instance]: createHash('sha256').update(`${hostname()}\n${stateFolder}`).digest('hex').slice(0, 12),
});

export const isMarked = (object: AnyObject | undefined, mark: Mark): boolean =>
  object !== undefined && Object.entries(mark).every(([name, value]) => object.metadata.labels?.[name] === value);

/** As a label selector. */
export const selectorOf = (mark: Mark): string =>
  Object.entries(mark)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
