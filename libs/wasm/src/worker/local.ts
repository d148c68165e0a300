import type { FunctionRef, InterfaceRef } from '../inspect.ts';
import { localInterface } from '../interface-name.ts';
import type { Guest } from './guest.ts';
import type { Interface, Interfaces } from './interface.ts';
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

/** What a worker implements itself, by package. */
const packages: ReadonlyMap<string, (guest: Guest) => Interfaces> = new Map([
  ['wasi:io', () => io],
  ['wasi:clocks', clocks],
  ['wasi:random', () => random],
  ['wasi:cli', cli],
  ['wasi:sockets', () => denied],
  ['wasi:filesystem', filesystem],
  ['wasi:http', http],
  ['wasi:blobstore', blobstore],
  ['wasi:config', config],
  ['wasi:logging', logging],
]);

/** The interfaces that a worker implements itself, for one instance, by name without version; of those packages alone. */
export const localInterfaces = (
  guest: Guest,
  wanted: Iterable<string> = packages.keys(),
): ReadonlyMap<string, Interface> => {
  const made = new Map<string, Interface>();
  for (const name of wanted) {
    for (const [instance, members] of Object.entries(packages.get(name)?.(guest) ?? {})) made.set(instance, members);
  }
  return made;
};

/** An interface that a component imports. */
export interface Import {
  readonly ref: InterfaceRef;
  /** What `localInterfaces` would call it. */
  readonly local: string;
}

/** What a component imports, worked out once for all instances, and the packages that it is found in. */
export interface Imports {
  readonly each: readonly Import[];
  readonly packages: ReadonlySet<string>;
}

export const planImports = (refs: readonly InterfaceRef[]): Imports => {
  const each = refs.map((ref) => ({ ref, local: localInterface(ref.name) ?? '' }));
  return { each, packages: new Set(each.map(({ local }) => local.slice(0, local.indexOf('/')))) };
};

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
