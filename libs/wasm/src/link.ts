import { LinkError } from './error.ts';
import type { InterfaceRef } from './inspect.ts';
import { Gate } from './worker/gate.ts';
import type { Interface } from './worker/interface.ts';
import { isHandle, isStreaming, someTypeOf } from './type-parts.ts';
import { findLocal, hasFunction, hasResource, localInterfaces } from './worker/local.ts';

/** Only asked for what it has; nothing runs with it. */
const sample: ReadonlyMap<string, Interface> = localInterfaces({
  gate: new Gate(),
  sendsHttp: false,
  isInCall: false,
  config: () => new Map(),
  log: () => undefined,
  send: () => {
    throw new Error('nothing runs with it');
  },
  invoke: () => Promise.resolve(),
});

/** Interfaces whose types alone may be imported, because other interfaces use them. */
const isTypesOnly = (ref: InterfaceRef): boolean => ref.functions.length === 0 && ref.resources.length === 0;

/** Interfaces of components that were looked at before, of which the workers have all that is imported. */
const served = new WeakSet<InterfaceRef>();

/**
 * Checks that every import is served: by the workers, or by the host as `provides` says.
 * @throws LinkError naming every function or resource that nobody serves.
 */
export const checkImports = (imports: readonly InterfaceRef[], provides: (instance: string) => boolean): void => {
  const others = imports.filter((ref) => !served.has(ref));
  const missing = others.flatMap((ref) => {
    const local = findLocal(sample, ref.name);
    if (local !== undefined) return missingMembers(ref, local);
    if (isTypesOnly(ref) || (ref.name !== '' && provides(ref.name))) return [];
    return ref.functions.length > 0 ? ref.functions.map(({ name }) => qualified(ref, name)) : [ref.name];
  });
  if (missing.length > 0) throw new LinkError(missing);
  const linked = others.filter((ref) => findLocal(sample, ref.name) === undefined);
  checkHandles(linked);
  for (const ref of others) if (!linked.includes(ref)) served.add(ref);
};

const missingMembers = (ref: InterfaceRef, members: Interface): string[] => [
  ...ref.resources.filter((name) => !hasResource(members, name)).map((name) => qualified(ref, name)),
  ...ref.functions.filter((func) => !hasFunction(members, func)).map(({ name }) => qualified(ref, name)),
];

/** Handles of streams and the like live in the worker; one cannot stand for something in the host. */
const checkHandles = (linked: readonly InterfaceRef[]): void => {
  const own = new Set(linked.flatMap((ref) => ref.resources));
  const foreign = linked.flatMap((ref) =>
    ref.functions
      .filter(({ type }) =>
        someTypeOf(type, (part) => isStreaming(part) || (isHandle(part) && !own.has(part.resource))),
      )
      .map(({ name }) => qualified(ref, name)),
  );
  if (foreign.length > 0)
    throw new LinkError(foreign, 'streams and resources of other interfaces cannot cross a link:');
};

const qualified = (ref: InterfaceRef, name: string): string => (ref.name === '' ? name : `${ref.name}.${name}`);
