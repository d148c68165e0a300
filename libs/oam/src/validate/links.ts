import { isBetweenProviders, linksOf, traitTypes, type Application, type LinkTrait } from '../application.ts';
import { isFields } from '../parse/reader.ts';
import type { Problems } from '../problem.ts';
import { isRecognized } from './interfaces.ts';

/** Everything with the shape of a link is held to this, whatever its trait type: so does wadm. */
const shapedAsLink = (application: Application): LinkTrait[] =>
  application.components.flatMap(({ traits }) => traits.filter((trait) => trait.kind === 'Link'));

export function checkLinkTargets(application: Application, problems: Problems): void {
  const names = new Set(application.components.map(({ name }) => name));
  const links = shapedAsLink(application);
  const missing = [...new Set(links.map(({ target }) => target).filter((target) => !names.has(target)))];
  if (missing.length > 0)
    problems.error(
      ['spec', 'components'],
      `The following capability component(s) are missing from the manifest: [${missing.map((one) => JSON.stringify(one)).join(', ')}]`,
    );
  for (const { namespace, package: packageName, interfaces, path } of links)
    for (const [i, one] of interfaces.entries())
      if (!isRecognized(namespace, packageName, one))
        problems.warn(
          [...path, 'properties', 'interfaces', i],
          `unrecognized interface [${namespace}:${packageName}/${one}]`,
        );
  for (const { name, target, path } of links)
    if (!names.has(target))
      problems.warn(
        [...path, 'properties', 'target'],
        `link (name [${name}]) target [${target}] is not a listed component`,
      );
}

/** Link traits whose properties are no link: what about the target is wrong is said by name. */
export function checkCustomLinks({ components }: Application, problems: Problems): void {
  const names = new Set(components.map(({ name }) => name));
  for (const trait of components.flatMap(({ traits }) => traits)) {
    if (trait.kind !== 'Custom' || trait.type !== traitTypes.link) continue;
    const path = [...trait.path, 'properties'];
    const target = isFields(trait.properties) ? trait.properties['target'] : undefined;
    if (target === undefined || target === null) {
      problems.error(path, "custom link is missing 'target' property");
      continue;
    }
    const name = isFields(target) ? target['name'] : target;
    if (typeof name !== 'string') problems.error([...path, 'target'], "custom link is missing 'target' name property");
    else if (!names.has(name))
      problems.warn([...path, 'target'], `custom link target [${name}] is not a listed component`);
  }
}

export function checkDuplicateLinks({ components }: Application, problems: Problems): void {
  for (const component of components) {
    const seen = new Set<string>();
    for (const { name, namespace, package: packageName, interfaces, path } of linksOf(component))
      for (const one of interfaces) {
        const text = `${name} (${namespace}:${packageName}/${one})`;
        if (seen.has(text)) problems.error(path, `Duplicate link found inside component '${component.name}': ${text}`);
        seen.add(text);
      }
  }
  const configs = new Set<string>();
  for (const { source, destination } of components.flatMap(linksOf))
    for (const { name, properties, path } of [...destination.config, ...source.config]) {
      if (properties === undefined) continue;
      if (configs.has(name)) problems.error(path, `Duplicate link config name found: '${name}'`);
      configs.add(name);
    }
}

/** Once for each old key, at its first use. */
export function checkDeprecated(application: Application, problems: Problems): void {
  const links = shapedAsLink(application);
  for (const [old, now] of [
    ['source_config', 'source:config:'],
    ['target_config', 'target:config:'],
  ] as const) {
    const first = links.find(({ deprecated }) => deprecated.includes(old));
    if (first !== undefined)
      problems.warn(
        [...first.path, 'properties', old],
        `one of the components' link trait contains a ${old} key, please use ${now} rather`,
      );
  }
}

/** wadm takes a link between providers and then never makes it, without a word; we say so. */
export function checkOurLinkRules(application: Application, problems: Problems): void {
  for (const component of application.components)
    for (const link of linksOf(component)) {
      if (!isBetweenProviders(application, component, link)) continue;
      problems.warn(
        [...link.path, 'properties', 'target'],
        `Link from capability '${component.name}' to capability '${link.target}' is not made: one end must be a component`,
      );
    }
}
