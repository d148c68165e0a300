import { isIPv4, isIPv6 } from 'node:net';
import { Environment } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { formatText } from './format-text.ts';
import { Quantity } from './quantity.ts';
import { registerStrings, RuleCallError } from './strings.ts';
import { CelUrl } from './url.ts';
import { sameValue } from './value-type.ts';

const sync = { async: false };
const ordered = ['int', 'uint', 'double', 'string', 'bool', 'google.protobuf.Timestamp', 'google.protobuf.Duration'];

/** What `sets` names, so that `sets.contains(a, b)` is a method call. */
class SetsNamespace {
  readonly name = 'sets';
}

/**
 * What rules may call, beyond the operators: the part of Kubernetes' CEL library that this server has. A rule that calls
 * anything else is refused. Source: k8s.io/apiserver pkg/cel/library.
 */
export const callable: { functions: ReadonlySet<string>; methods: ReadonlySet<string> } = {
  functions: new Set(
    'has size int uint double string bytes bool timestamp duration dyn type quantity isQuantity url isURL isIP isCIDR'.split(
      ' ',
    ),
  ),
  methods: new Set(
    [
      'all exists exists_one map filter bind size contains startsWith endsWith matches find findAll charAt indexOf',
      'lastIndexOf lowerAscii upperAscii replace split join substring trim format isSorted sum min max',
      'equivalent intersects hasValue value or orValue of none',
      'getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear getHours getMilliseconds getMinutes getMonth getSeconds',
      'isInteger asInteger asApproximateFloat sign add sub isGreaterThan isLessThan compareTo',
      'getScheme getHost getHostname getPort getEscapedPath getQuery',
    ].flatMap((line) => line.split(' ')),
  ),
};

/** The environment from which that of each schema starts. */
export const library: Environment = build();

function build(): Environment {
  const env = new Environment({
    enableOptionalTypes: true,
    limits: { maxAstNodes: 5_000, maxDepth: 100, maxListElements: 1_000, maxMapEntries: 1_000, maxCallArguments: 16 },
  });
  registerStrings(env);
  registerLists(env);
  registerSets(env);
  registerQuantities(env);
  registerUrls(env);
  registerConversions(env);
  return env;
}

type Handler = (...args: never[]) => unknown;

function add(env: Environment, functions: Record<string, Handler>): void {
  for (const [signature, handler] of Object.entries(functions)) env.registerFunction(signature, handler, sync);
}

type Ordered = bigint | number | string | boolean | Date | Duration;

function registerLists(env: Environment): void {
  for (const type of ordered) {
    add(env, {
      [`list<${type}>.isSorted(): bool`]: (list: Ordered[]) =>
        list.every((item, index) => index === 0 || (list[index - 1] ?? item) <= item),
      [`list<${type}>.min(): ${type}`]: (list: Ordered[]) => least('min', list, (a, b) => a < b),
      [`list<${type}>.max(): ${type}`]: (list: Ordered[]) => least('max', list, (a, b) => a > b),
    });
  }
  add(env, {
    'list<int>.sum(): int': (list: bigint[]) => list.reduce((total, item) => total + item, 0n),
    'list<double>.sum(): double': (list: number[]) => list.reduce((total, item) => total + item, 0),
    'list<google.protobuf.Duration>.sum(): google.protobuf.Duration': (list: Duration[]) =>
      list.reduce((total, item) => total.addDuration(item), new Duration(0)),
    'list<A>.k8s_indexOf(A): int': (list: unknown[], item: unknown) =>
      BigInt(list.findIndex((other) => sameValue(other, item))),
    'list<A>.k8s_lastIndexOf(A): int': (list: unknown[], item: unknown) =>
      BigInt(list.findLastIndex((other) => sameValue(other, item))),
  });
}

function least(name: string, list: Ordered[], before: (a: Ordered, b: Ordered) => boolean): Ordered {
  const [first, ...rest] = list;
  if (first === undefined) throw new RuleCallError(`${name} called on empty list`);
  return rest.reduce((best, item) => (before(item, best) ? item : best), first);
}

function includes(list: unknown[], item: unknown): boolean {
  return list.some((other) => sameValue(other, item));
}

function contains(list: unknown[], part: unknown[]): boolean {
  return part.every((item) => includes(list, item));
}

function registerSets(env: Environment): void {
  env.registerType('SetsNamespace', SetsNamespace);
  env.registerConstant('sets', 'SetsNamespace', new SetsNamespace());
  add(env, {
    'SetsNamespace.contains(list<A>, list<A>): bool': (_: unknown, list: unknown[], part: unknown[]) =>
      contains(list, part),
    'SetsNamespace.equivalent(list<A>, list<A>): bool': (_: unknown, a: unknown[], b: unknown[]) =>
      contains(a, b) && contains(b, a),
    'SetsNamespace.intersects(list<A>, list<A>): bool': (_: unknown, a: unknown[], b: unknown[]) =>
      a.some((item) => includes(b, item)),
  });
}

function registerQuantities(env: Environment): void {
  env.registerType('Quantity', { ctor: Quantity, fields: {} });
  env.registerOperator('Quantity == Quantity', (a: Quantity, b: Quantity) => a.nanos === b.nanos);
  add(env, {
    'quantity(string): Quantity': (text: string) => Quantity.parse(text),
    'isQuantity(string): bool': (text: string) => Quantity.isQuantity(text),
    'Quantity.isInteger(): bool': (of: Quantity) => of.isInteger(),
    'Quantity.asInteger(): int': (of: Quantity) => of.asInteger(),
    'Quantity.asApproximateFloat(): double': (of: Quantity) => of.asFloat(),
    'Quantity.sign(): int': (of: Quantity) => of.sign(),
    'Quantity.add(Quantity): Quantity': (of: Quantity, other: Quantity) => of.add(other),
    'Quantity.add(int): Quantity': (of: Quantity, other: bigint) => of.add(other),
    'Quantity.sub(Quantity): Quantity': (of: Quantity, other: Quantity) => of.sub(other),
    'Quantity.sub(int): Quantity': (of: Quantity, other: bigint) => of.sub(other),
    'Quantity.isGreaterThan(Quantity): bool': (of: Quantity, other: Quantity) => of.nanos > other.nanos,
    'Quantity.isLessThan(Quantity): bool': (of: Quantity, other: Quantity) => of.nanos < other.nanos,
    'Quantity.compareTo(Quantity): int': (of: Quantity, other: Quantity) => of.compareTo(other),
  });
}

function registerUrls(env: Environment): void {
  env.registerType('URL', { ctor: CelUrl, fields: {} });
  env.registerOperator(
    'URL == URL',
    (a: CelUrl, b: CelUrl) => a.scheme === b.scheme && a.host === b.host && a.path === b.path && a.query === b.query,
  );
  add(env, {
    'url(string): URL': (text: string) => new CelUrl(text),
    'isURL(string): bool': (text: string) => CelUrl.isUrl(text),
    'URL.getScheme(): string': (of: CelUrl) => of.scheme,
    'URL.getHost(): string': (of: CelUrl) => of.host,
    'URL.getHostname(): string': (of: CelUrl) => of.hostname,
    'URL.getPort(): string': (of: CelUrl) => of.port,
    'URL.getEscapedPath(): string': (of: CelUrl) => of.path,
    'URL.getQuery(): map<string, list<string>>': (of: CelUrl) => of.queryValues,
    'isIP(string): bool': (text: string) => isIPv4(text) || isIPv6(text),
    'isCIDR(string): bool': isCidr,
  });
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(bits)) return false;
  return (isIPv4(address) && Number(bits) <= 32) || (isIPv6(address) && Number(bits) <= 128);
}

function registerConversions(env: Environment): void {
  add(env, {
    'string(google.protobuf.Timestamp): string': (time: Date) => time.toISOString().replace('.000Z', 'Z'),
    'string(google.protobuf.Duration): string': (duration: Duration) => duration.toString(),
    'int(google.protobuf.Timestamp): int': (time: Date) => BigInt(Math.floor(time.getTime() / 1000)),
    'string.format(list<dyn>): string': (template: string, values: unknown[]) => formatText(template, values),
  });
}
