import { Environment, Optional } from '@marcbachmann/cel-js';
import { quote } from '../field-error.ts';
import type { Duration } from '@marcbachmann/cel-js/evaluator';
import { formatText } from './format-text.ts';
import { registerLists } from './list-functions.ts';
import { registerMacros } from './macros.ts';
import { registerStrings } from './strings.ts';
import { registerTexts } from './text-functions.ts';

const sync = { async: false };

/** What `strings` names, in front of a dot. */
class StringsNamespace {
  readonly name = 'strings';
}

/**
 * What rules may call, beyond the operators: the CEL library of Kubernetes. A rule that calls anything else is refused, such
 * as what cel-js has besides. Source: k8s.io/apiserver pkg/cel/library.
 */
export const callable: { functions: ReadonlySet<string>; methods: ReadonlySet<string> } = {
  functions: new Set(
    [
      'has size int uint double string bytes bool timestamp duration dyn type quantity isQuantity url isURL',
      'ip isIP cidr isCIDR semver isSemver',
    ].flatMap((line) => line.split(' ')),
  ),
  methods: new Set(
    [
      'all exists exists_one existsOne map filter transformList transformMap transformMapEntry size contains startsWith endsWith matches find findAll charAt indexOf',
      'lastIndexOf lowerAscii upperAscii replace split join substring trim format isSorted sum min max',
      'slice flatten distinct range sort sortBy first last reverse quote equivalent intersects',
      'hasValue value or orValue of none ofNonZeroValue optMap optFlatMap unwrap unwrapOpt',
      'family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast isCanonical',
      'containsIP containsCIDR ip masked prefixLength major minor patch named validate',
      'dns1123Label dns1123Subdomain dns1035Label qualifiedName dns1123LabelPrefix dns1123SubdomainPrefix',
      'dns1035LabelPrefix labelValue uri uuid byte date datetime',
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
  registerTexts(env);
  registerMacros(env);
  registerConversions(env);
  return env;
}

type Handler = (...args: never[]) => unknown;

function add(env: Environment, functions: Record<string, Handler>): void {
  for (const [signature, handler] of Object.entries(functions)) env.registerFunction(signature, handler, sync);
}

function registerConversions(env: Environment): void {
  env.registerType('StringsNamespace', StringsNamespace);
  env.registerConstant('strings', 'StringsNamespace', new StringsNamespace());
  add(env, {
    'StringsNamespace.quote(string): string': (_: unknown, text: string) => quote(text),
    'OptionalNamespace.ofNonZeroValue(A): optional<A>': (_: unknown, value: unknown) =>
      isZero(value) ? Optional.none() : Optional.of(value),
    'OptionalNamespace.unwrap(list<optional<A>>): list<A>': (_: unknown, list: Optional[]) =>
      list.flatMap((each) => (each.hasValue() ? [each.value()] : [])),
    'string(google.protobuf.Timestamp): string': (time: Date) => time.toISOString().replace('.000Z', 'Z'),
    'string(google.protobuf.Duration): string': (duration: Duration) => duration.toString(),
    'int(google.protobuf.Timestamp): int': (time: Date) => BigInt(Math.floor(time.getTime() / 1000)),
    'string.format(list<dyn>): string': (template: string, values: unknown[]) => formatText(template, values),
  });
}

const isZero = (value: unknown): boolean =>
  value === null ||
  value === false ||
  value === 0 ||
  value === 0n ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (value instanceof Map && value.size === 0);
