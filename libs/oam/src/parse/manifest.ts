import { apiVersionOf, Application as ApplicationKind } from '@kasmcloud/kube-api';
import type { Application, Component, Policy, Trait } from '../application.ts';
import { hasErrors, Problems, type FieldPath, type Position, type Problem } from '../problem.ts';
import { validate } from '../validate/validate.ts';
import { Reader } from './reader.ts';
import { readConfigs, readSecrets, readTrait } from './trait.ts';

export interface Parsed {
  /** Absent when a problem is an Error. */
  readonly application?: Application;
  /** Every problem: those of shape first, then wadm's rules in wadm's order, then ours. */
  readonly problems: readonly Problem[];
}

/**
 * Reads a wadm manifest (`core.oam.dev/v1beta1` Application) from a parsed tree, as `wash app deploy` takes it, and
 * checks every rule. Total: any value gives an answer, none throws. `positionOf` says where a field stands in its file.
 */
export function parseApplication(tree: unknown, positionOf?: (path: FieldPath) => Position | undefined): Parsed {
  const problems = new Problems(positionOf);
  const application = readManifest(new Reader(tree, [], problems), problems);
  if (application === undefined) return { problems: problems.all };
  validate(application, problems);
  return hasErrors(problems.all) ? { problems: problems.all } : { application, problems: problems.all };
}

function readManifest(reader: Reader, problems: Problems): Application | undefined {
  // `status` is there when the manifest comes back from a cluster.
  if (!reader.isObject(['apiVersion', 'kind', 'metadata', 'spec', 'status'])) return undefined;
  const { kind } = ApplicationKind;
  const apiVersion = apiVersionOf(ApplicationKind);
  if (reader.at('apiVersion').text() !== apiVersion) problems.warn(['apiVersion'], `expected ${apiVersion}`);
  if (reader.at('kind').text() !== kind) problems.warn(['kind'], `expected ${kind}`);
  const metadata = reader.at('metadata');
  const spec = reader.at('spec');
  metadata.isObject();
  spec.isObject(['components', 'policies']);
  const annotations = metadata.at('annotations').texts();
  if (spec.present && !spec.at('components').present) spec.at('components').refuse('is required');
  return {
    name: metadata.at('name').text(),
    version: annotations['version'],
    annotations,
    labels: metadata.at('labels').texts(),
    components: spec
      .at('components')
      .list()
      .map((one) => readComponent(one, problems)),
    policies: spec.at('policies').list().map(readPolicy),
  };
}

function readComponent(reader: Reader, problems: Problems): Component {
  reader.isObject();
  const properties = reader.at('properties');
  properties.isObject(['image', 'application', 'id', 'config', 'secrets']);
  const shared = properties.at('application');
  if (shared.present) shared.isObject();
  const traits = reader.at('traits').list();
  return {
    name: reader.at('name').text(),
    type: readType(reader.at('type')),
    image: properties.at('image').optionalText(),
    shared: shared.present
      ? { application: shared.at('name').text(), component: shared.at('component').text() }
      : undefined,
    id: properties.at('id').optionalText(),
    config: readConfigs(properties.at('config')),
    secrets: readSecrets(properties.at('secrets')),
    traits: traits.map((one) => readTrait(one, problems)).filter((trait): trait is Trait => trait !== undefined),
    path: reader.path,
  };
}

function readType(reader: Reader): Component['type'] {
  const type = reader.text();
  if (type === 'capability') return 'capability';
  if (reader.present && type !== 'component' && type !== 'actor') reader.refuse('must be component or capability');
  return 'component';
}

function readPolicy(reader: Reader): Policy {
  reader.isObject();
  const properties = reader.at('properties');
  if (!properties.present) properties.refuse('is required');
  return {
    name: reader.at('name').text(),
    type: reader.at('type').text(),
    properties: properties.texts(),
    path: reader.path,
  };
}
