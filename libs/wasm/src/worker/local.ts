import type { FunctionRef } from '../inspect.ts';
import { localInterface } from '../interface-name.ts';
import type { Guest } from './guest.ts';
import type { Interface } from './interface.ts';
import { className, memberOf } from './names.ts';
import { blobstore } from './wasi/blobstore.ts';
import { cli } from './wasi/cli.ts';
import { clocks } from './wasi/clocks.ts';
import { denied } from './wasi/denied.ts';
import { config, logging } from './wasi/host.ts';
import { filesystem } from './wasi/filesystem.ts';
import { http } from './wasi/http.ts';
import { io } from './wasi/io.ts';
import { random } from './wasi/random.ts';

/** The interfaces that a worker implements itself, for one instance, by name without version. */
export const localInterfaces = (guest: Guest): ReadonlyMap<string, Interface> =>
  new Map<string, Interface>(
    Object.entries({
      ...io,
      ...clocks(guest),
      ...random,
      ...cli(guest),
      ...denied,
      ...filesystem(guest),
      ...http(guest),
      ...blobstore(guest),
      ...config(guest),
      ...logging(guest),
    }),
  );

/** Whether an interface has what the bindings will look for. */
export const hasFunction = (members: Interface, { name }: FunctionRef): boolean => {
  const member = memberOf(name);
  if (member.kind === 'function') return typeof members[member.name] === 'function';
  const owner = members[member.resource];
  if (typeof owner !== 'function') return false;
  if (member.kind === 'constructor') return true;
  return typeof Reflect.get(member.kind === 'static' ? owner : owner.prototype, member.name) === 'function';
};

export const hasResource = (members: Interface, resource: string): boolean =>
  typeof members[className(resource)] === 'function';

/** Looks up the interface of an import, whatever its version. */
export const findLocal = (interfaces: ReadonlyMap<string, Interface>, name: string): Interface | undefined =>
  interfaces.get(localInterface(name) ?? '');
