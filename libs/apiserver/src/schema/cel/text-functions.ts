import { type Environment, Optional } from '@marcbachmann/cel-js';
import { nameProblems } from '../../names.ts';
import { formatCheck } from '../format.ts';
import { Cidr, Ip } from './address.ts';
import { Quantity } from './quantity.ts';
import { Semver } from './semver.ts';
import { RuleCallError, noOverload } from './strings.ts';
import { CelUrl } from './url.ts';

const sync = { async: false };

/** What `format` and `ip` name in front of a dot. */
class FormatNamespace {
  readonly name = 'format';
}
class IpNamespace {
  readonly name = 'ip';
}

/** A format that texts are checked for. */
class Format {
  readonly problems: (text: string) => readonly string[];

  constructor(problems: (text: string) => readonly string[]) {
    this.problems = problems;
  }
}

type Handler = (...args: never[]) => unknown;

function add(env: Environment, functions: Record<string, Handler>): void {
  for (const [signature, handler] of Object.entries(functions)) env.registerFunction(signature, handler, sync);
}

/** Types of what texts stand for: quantities, URLs, addresses, versions, formats. */
export function registerTexts(env: Environment): void {
  registerQuantities(env);
  registerUrls(env);
  registerAddresses(env);
  registerVersions(env);
  registerFormats(env);
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
  });
}

/** A text that is no address is taken for an argument of another type. */
function argument<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new RuleCallError(noOverload, { cause });
  }
}

/** Source: k8s.io/apiserver pkg/cel/library ip.go, cidr.go. */
function registerAddresses(env: Environment): void {
  env.registerType('IP', { ctor: Ip, fields: {} });
  env.registerType('CIDR', { ctor: Cidr, fields: {} });
  env.registerType('IpNamespace', IpNamespace);
  env.registerConstant('ip', 'IpNamespace', new IpNamespace());
  env.registerOperator('IP == IP', (a: Ip, b: Ip) => a.sameAs(b));
  env.registerOperator('CIDR == CIDR', (a: Cidr, b: Cidr) => a.sameAs(b));
  add(env, {
    'ip(string): IP': (text: string) => Ip.parse(text),
    'isIP(string): bool': (text: string) => Ip.isIp(text),
    'IpNamespace.isCanonical(string): bool': (_: unknown, text: string) => Ip.parse(text).toString() === text,
    'string(IP): string': (of: Ip) => of.toString(),
    'IP.family(): int': (of: Ip) => of.family,
    'IP.isUnspecified(): bool': (of: Ip) => of.isUnspecified,
    'IP.isLoopback(): bool': (of: Ip) => of.isLoopback,
    'IP.isLinkLocalMulticast(): bool': (of: Ip) => of.isLinkLocalMulticast,
    'IP.isLinkLocalUnicast(): bool': (of: Ip) => of.isLinkLocalUnicast,
    'IP.isGlobalUnicast(): bool': (of: Ip) => of.isGlobalUnicast,
    'cidr(string): CIDR': (text: string) => Cidr.parse(text),
    'isCIDR(string): bool': (text: string) => Cidr.isCidr(text),
    'string(CIDR): string': (of: Cidr) => of.toString(),
    'CIDR.containsIP(string): bool': (of: Cidr, text: string) => of.containsIp(argument(() => Ip.parse(text))),
    'CIDR.containsIP(IP): bool': (of: Cidr, ip: Ip) => of.containsIp(ip),
    'CIDR.containsCIDR(string): bool': (of: Cidr, text: string) => of.containsCidr(argument(() => Cidr.parse(text))),
    'CIDR.containsCIDR(CIDR): bool': (of: Cidr, other: Cidr) => of.containsCidr(other),
    'CIDR.ip(): IP': (of: Cidr) => of.ip,
    'CIDR.masked(): CIDR': (of: Cidr) => of.masked(),
    'CIDR.prefixLength(): int': (of: Cidr) => BigInt(of.length),
  });
}

function registerVersions(env: Environment): void {
  env.registerType('Semver', { ctor: Semver, fields: {} });
  env.registerOperator('Semver == Semver', (a: Semver, b: Semver) => a.compareTo(b) === 0n);
  add(env, {
    'semver(string): Semver': (text: string) => Semver.parse(text),
    'semver(string, bool): Semver': (text: string, normalize: boolean) => Semver.parse(text, normalize),
    'isSemver(string): bool': (text: string) => Semver.isSemver(text),
    'isSemver(string, bool): bool': (text: string, normalize: boolean) => Semver.isSemver(text, normalize),
    'Semver.major(): int': (of: Semver) => of.major,
    'Semver.minor(): int': (of: Semver) => of.minor,
    'Semver.patch(): int': (of: Semver) => of.patch,
    'Semver.isLessThan(Semver): bool': (of: Semver, other: Semver) => of.compareTo(other) < 0n,
    'Semver.isGreaterThan(Semver): bool': (of: Semver, other: Semver) => of.compareTo(other) > 0n,
    'Semver.compareTo(Semver): int': (of: Semver, other: Semver) => of.compareTo(other),
  });
}

const openApi =
  (format: string, problem: string) =>
  (text: string): readonly string[] =>
    formatCheck(format)?.(text) === false ? [problem] : [];

const label1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const message1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with " +
  "an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

const problemsOf1035 = (text: string): readonly string[] => [
  ...(text.length > 63 ? ['must be no more than 63 characters'] : []),
  ...(label1035.test(text.slice(0, 1024)) ? [] : [message1035]),
];

/** What begins a name may end in a dash. */
const prefix = (text: string): string => (text.length > 1 && text.endsWith('-') ? `${text.slice(0, -1)}a` : text);

/** Source: k8s.io/apiserver pkg/cel/library format.go. */
const formats: Readonly<Record<string, Format>> = {
  dns1123Label: new Format((text) => nameProblems('label', text)),
  dns1123Subdomain: new Format((text) => nameProblems('subdomain', text)),
  dns1035Label: new Format(problemsOf1035),
  qualifiedName: new Format((text) => nameProblems('qualified', text)),
  dns1123LabelPrefix: new Format((text) => nameProblems('label', prefix(text))),
  dns1123SubdomainPrefix: new Format((text) => nameProblems('subdomain', prefix(text))),
  dns1035LabelPrefix: new Format((text) => problemsOf1035(prefix(text))),
  labelValue: new Format((text) => nameProblems('labelValue', text)),
  uri: new Format(openApi('uri', 'invalid URI for request')),
  uuid: new Format(openApi('uuid', 'does not match the UUID format')),
  byte: new Format(openApi('byte', 'invalid base64')),
  date: new Format(openApi('date', 'invalid date')),
  datetime: new Format(openApi('datetime', 'invalid datetime')),
};

function registerFormats(env: Environment): void {
  env.registerType('Format', { ctor: Format, fields: {} });
  env.registerType('FormatNamespace', FormatNamespace);
  env.registerConstant('format', 'FormatNamespace', new FormatNamespace());
  env.registerOperator('Format == Format', (a: Format, b: Format) => a === b);
  add(env, {
    'FormatNamespace.named(string): optional<Format>': (_: unknown, name: string) =>
      Object.hasOwn(formats, name) ? Optional.of(formats[name]) : Optional.none(),
    'Format.validate(string): optional<list<string>>': (of: Format, text: string) => {
      const problems = of.problems(text);
      return problems.length === 0 ? Optional.none() : Optional.of(problems);
    },
    ...Object.fromEntries(
      Object.entries(formats).map(([name, format]) => [`FormatNamespace.${name}(): Format`, () => format]),
    ),
  });
}
