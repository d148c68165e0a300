import {
  isScalerType,
  traitTypes,
  type Config,
  type LinkEnd,
  type Secret,
  type Spread,
  type Trait,
} from '../application.ts';
import { Problems, type FieldPath } from '../problem.ts';
import { isFields, Reader } from './reader.ts';

/** Most that a Distribution takes, of instances and of weight. */
const MOST = 1_000_000;

/** Reads one trait. What has neither the shape of a link nor that of a scaler is custom. */
export function readTrait(reader: Reader, problems: Problems): Trait | undefined {
  if (!reader.isObject(['type', 'properties'])) return undefined;
  const type = reader.at('type').text();
  const properties = reader.at('properties');
  const { path } = reader;
  // Ours may look like a scaler: `{replicas: 3}`.
  if (type === traitTypes.distribution) return { kind: 'Custom', type, properties: properties.value, path };
  const link = attempt(properties, (inside) => readLink(inside, type, path));
  if (link.trait !== undefined) return link.trait;
  const scaler = attempt(properties, (inside) => readScaler(inside, type, path));
  if (scaler.trait !== undefined) return scaler.trait;
  if (type === traitTypes.link) {
    problems.error(
      path,
      `Link trait deserialized as custom trait, ensure fields are correct: ${json(properties.value)}`,
    );
    problems.all.push(...link.problems);
  } else if (isScalerType(type)) {
    problems.error(
      path,
      `Scaler trait deserialized as custom trait, ensure fields are correct: ${json(properties.value)}`,
    );
    problems.all.push(...scaler.problems);
  }
  return { kind: 'Custom', type, properties: properties.value, path };

  /** Reads with problems of its own: those of a shape that was only tried are nobody's. */
  function attempt(from: Reader, read: (inside: Reader) => Trait): { trait?: Trait; problems: Problems['all'] } {
    const own = problems.fork();
    const trait = read(new Reader(from.value, from.path, own));
    return own.all.length === 0 ? { trait, problems: [] } : { problems: own.all };
  }
}

function readLink(reader: Reader, type: string, path: FieldPath): Trait {
  reader.isObject();
  const namespace = reader.at('namespace').text();
  const packageName = reader.at('package').text();
  const interfaces = reader.at('interfaces');
  if (!interfaces.present) interfaces.refuse('is required');
  const target = reader.at('target');
  const old = typeof target.value === 'string';
  // Older manifests name the target by text alone and its config beside it; `source` beats `source_config`.
  const source = reader.at('source').present ? readEnd(reader.at('source')) : readOldEnd(reader.at('source_config'));
  return {
    kind: 'Link',
    type,
    path,
    name: reader.at('name').optionalText() ?? 'default',
    namespace,
    package: packageName,
    interfaces: interfaces.list().map((one) => one.text()),
    target: old ? target.text() : target.at('name').text(),
    source,
    deprecated: (['source_config', 'target_config'] as const).filter((key) => reader.at(key).present),
    destination: old ? readOldEnd(reader.at('target_config')) : readEnd(target),
  };
}

function readEnd(reader: Reader): LinkEnd {
  reader.isObject();
  return { config: readConfigs(reader.at('config')), secrets: readSecrets(reader.at('secrets')) };
}

const readOldEnd = (reader: Reader): LinkEnd => ({ config: readConfigs(reader), secrets: [] });

function readScaler(reader: Reader, type: string, path: FieldPath): Trait {
  reader.isObject(['instances', 'replicas', 'spread']);
  const alias = reader.at('replicas');
  if (alias.present && reader.at('instances').present) alias.refuse('is another word for instances: keep one of them');
  return {
    kind: 'Scaler',
    type,
    path,
    instances: (alias.present ? alias : reader.at('instances')).count(MOST) ?? 0,
    spread: reader.at('spread').list().map(readSpread),
  };
}

function readSpread(reader: Reader): Spread {
  reader.isObject(['name', 'requirements', 'weight']);
  const weight = reader.at('weight');
  return {
    name: reader.at('name').text(),
    requirements: reader.at('requirements').texts(),
    weight: weight.present ? (weight.count(MOST) ?? 0) : 100,
    path: reader.path,
  };
}

export function readConfigs(reader: Reader): Config[] {
  return reader.list().map((one) => {
    one.isObject(['name', 'properties']);
    const properties = one.at('properties');
    return {
      name: one.at('name').text(),
      properties: properties.present ? properties.texts() : undefined,
      path: one.path,
    };
  });
}

export function readSecrets(reader: Reader): Secret[] {
  return reader.list().map((one) => {
    one.isObject();
    const properties = one.at('properties');
    properties.isObject();
    return {
      name: one.at('name').text(),
      policy: properties.at('policy').text(),
      key: properties.at('key').text(),
      field: properties.at('field').optionalText(),
      version: properties.at('version').optionalText(),
      path: one.path,
    };
  });
}

const json = (value: unknown): string =>
  isFields(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
