import { expect, test } from 'vitest';
import { waitingFunctions } from '../prepare/plan.ts';
import { Gate } from './gate.ts';
import type { Guest } from './guest.ts';
import { localInterfaces, planImports } from './local.ts';
import { memberOf } from './names.ts';

const guest: Guest = {
  gate: new Gate(),
  sendsHttp: false,
  isInCall: false,
  config: () => new Map(),
  log: () => undefined,
  send: () => {
    throw new Error('not sent');
  },
  invoke: () => Promise.resolve(),
};

const interfaces = localInterfaces(guest);

const isAsync = (value: unknown): boolean => typeof value === 'function' && value.constructor.name === 'AsyncFunction';

const functionAt = (name: string): unknown => {
  const [instance = '', func = ''] = name.split('#');
  const members = interfaces.get(instance) ?? {};
  const member = memberOf(func);
  if (member.kind === 'function') return members[member.name];
  const owner = members[member.resource];
  if (member.kind === 'constructor' || typeof owner !== 'function') return undefined;
  return Reflect.get(member.kind === 'static' ? owner : owner.prototype, member.name);
};

const descriptorsOf = (of: unknown): [string, PropertyDescriptor][] =>
  Object.entries(Object.getOwnPropertyDescriptors(of ?? {}));

/** Names of what is asynchronous in an interface, as JavaScript has them. */
const asyncMembers = (members: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(members).flatMap(([name, value]) => {
    if (isAsync(value)) return [name];
    if (typeof value !== 'function') return [];
    const own = [...descriptorsOf(value), ...descriptorsOf(value.prototype)];
    return own.flatMap(([key, found]) => (isAsync(found.value) ? [`${name}.${key}`] : []));
  });

const waiting = [...waitingFunctions].map((name) => [name, functionAt(name)] as const);

test.for(waiting)('%s is there', ([, found]) => {
  expect(found).toBeTypeOf('function');
});

// A promise that the guest is not suspended for would reach it as a number.
test.for([...interfaces])('what waits in %s is known to wait', ([instance, members]) => {
  const known = new Set(waiting.filter(([name]) => name.startsWith(`${instance}#`)).map(([, found]) => found));
  const unknown = asyncMembers(members).filter((path) => {
    const [first = '', second] = path.split('.');
    const owner = members[first];
    if (second === undefined || typeof owner !== 'function') return !known.has(owner);
    return !known.has(Reflect.get(owner, second)) && !known.has(Reflect.get(owner.prototype ?? {}, second));
  });
  // Called by `poll` alone.
  expect(unknown.filter((path) => path !== 'Pollable.wait')).toEqual([]);
});

const drafts: Readonly<Record<string, string>> = { 'wasi:logging': '0.1.0-draft', 'wasi:blobstore': '0.2.0-draft' };

test.for([...interfaces.keys()])('a component that imports %s alone is given it', (instance) => {
  const [pkg = ''] = instance.split('/');
  const name = `${instance}@${drafts[pkg] ?? '0.2.0'}`;
  const { each, packages } = planImports([{ name, functions: [], resources: [], types: [] }]);
  expect([...packages]).toEqual([pkg]);
  expect(each.map(({ local }) => localInterfaces(guest, packages).has(local))).toEqual([true]);
});
