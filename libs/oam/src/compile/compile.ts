import { WasmCloudDistribution, WasmCloudLink, type DistributionSpec, type LinkSpec } from '@kasmcloud/kube-api';
import {
  isBetweenProviders,
  linksOf,
  traitTypes,
  type Application,
  type Component,
  type LinkEnd,
  type LinkTrait,
} from '../application.ts';
import { isFields } from '../parse/reader.ts';
import { Problems, type FieldPath, type Position, type Problem } from '../problem.ts';
import { Configs, type CompiledConfig } from './configs.ts';
import { componentId, objectName } from './names.ts';
import { scale } from './scale.ts';
import { SecretNames, type NamedSecrets } from './secrets.ts';

/** What an application becomes. Owners, labels and epochs are the writer's. */
export interface Compiled {
  readonly distributions: readonly Named<DistributionSpec>[];
  readonly links: readonly Named<LinkSpec>[];
  readonly configMaps: readonly CompiledConfig[];
  /** An Error means that something is missing above. */
  readonly problems: readonly Problem[];
}

export interface Named<Spec> {
  readonly name: string;
  readonly spec: Spec;
}

export interface CompileOptions {
  /** Namespace of the Application: its lattice. */
  readonly namespace: string;
  /** Name of the Application object; objects are named after it. */
  readonly name: string;
  /** Id of a component that another application shares, when that one has an id of its own. */
  readonly sharedId?: (application: string, component: string) => string | undefined;
  readonly positionOf?: (path: FieldPath) => Position | undefined;
}

/** Turns a valid application into Distributions, Links and ConfigMaps. Total and deterministic. */
export function compile(application: Application, options: CompileOptions): Compiled {
  const problems = new Problems(options.positionOf);
  const configs = new Configs(application, options.name, problems);
  const secrets = new SecretNames(application, options.namespace, problems);
  const ids = new Map(application.components.map((one) => [one.name, idOf(application, one, options)]));
  const distributions = application.components.flatMap((component) => {
    if (component.image === undefined) return [];
    const { names, accounts } = secrets.take(component.secrets);
    const body = {
      id: ids.get(component.name),
      image: component.image,
      ...named('config', configs.take(component.config)),
      ...named('secrets', names),
      ...lookedAt(accounts),
    };
    const draft = {
      ...(component.type === 'component' ? { actor: body } : { provider: body }),
      ...scale(component),
      ...overlay(component, problems),
    };
    const name = objectName(options.name, component.name);
    const spec = conform(WasmCloudDistribution, draft, component.path, problems);
    return spec === undefined ? [] : [{ name, spec }];
  });
  const links = application.components.flatMap((component) =>
    linksOf(component).flatMap((link) => {
      if (isBetweenProviders(application, component, link)) return [];
      const name = linkName(options.name, component, link);
      const { accounts } = secrets.take([...link.source.secrets, ...link.destination.secrets]);
      const draft = {
        source: ids.get(component.name),
        target: ids.get(link.target),
        name: link.name,
        witNamespace: link.namespace,
        witPackage: link.package,
        interfaces: [...link.interfaces],
        ...named('sourceConfig', configs.take(link.source.config)),
        ...named('targetConfig', configs.take(link.destination.config)),
        ...named('sourceSecrets', secretsOf(link.source)),
        ...named('targetSecrets', secretsOf(link.destination)),
        ...lookedAt(accounts),
      };
      const spec = conform(WasmCloudLink, draft, link.path, problems);
      return spec === undefined ? [] : [{ name, spec }];
    }),
  );
  return { distributions, links, configMaps: configs.all, problems: problems.all };
}

function idOf(application: Application, { name, id, shared }: Component, { sharedId }: CompileOptions): string {
  if (shared === undefined) return componentId(application.name, name, id);
  return id ?? sharedId?.(shared.application, shared.component) ?? componentId(shared.application, shared.component);
}

/** Two links of one component may differ in any of these, so all of them are in the name. */
function linkName(object: string, component: Component, link: LinkTrait): string {
  const { name, target, namespace, interfaces } = link;
  const parts = [object, component.name, target, namespace, link.package, ...interfaces];
  return objectName(...parts, ...(name === 'default' ? [] : [name]));
}

const named = (field: string, names: readonly string[]): Record<string, readonly string[]> =>
  names.length === 0 ? {} : { [field]: names };

const secretsOf = ({ secrets }: LinkEnd): string[] => [...new Set(secrets.map(({ key }) => key))];

/** The accounts of Secrets, where any is named. */
const lookedAt = (accounts: NamedSecrets['accounts']): Record<string, NamedSecrets['accounts']> =>
  Object.keys(accounts).length === 0 ? {} : { secretAccounts: accounts };

/** What the `distribution` traits say. What runs is the component's own affair. */
function overlay(component: Component, problems: Problems): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const trait of component.traits) {
    if (trait.kind !== 'Custom' || trait.type !== traitTypes.distribution) continue;
    const { properties, path } = trait;
    if (!isFields(properties)) {
      problems.error([...path, 'properties'], 'must be the fields of a WasmCloudDistribution spec');
      continue;
    }
    for (const [field, value] of Object.entries(properties)) {
      if (field !== 'actor' && field !== 'provider') merged[field] = value;
      else problems.error([...path, 'properties', field], `${field} comes from the component's own properties`);
    }
  }
  return merged;
}

/** The part of a kind that says what its spec may be. */
interface Specified<Spec> {
  readonly kind: string;
  readonly spec: { safeParse(draft: unknown): { success: true; data: Spec } | { success: false; error: Issues } };
}

interface Issues {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

/** Holds a draft against the schema of its kind, so that nothing we make is refused by the API server. */
function conform<Spec>(
  definition: Specified<Spec>,
  draft: unknown,
  path: FieldPath,
  problems: Problems,
): Spec | undefined {
  const result = definition.spec.safeParse(draft);
  if (result.success) return result.data;
  for (const { path: inside, message } of result.error.issues)
    problems.error(path, `${definition.kind}: ${[...inside.map(String), message].join(': ')}`);
  return undefined;
}
