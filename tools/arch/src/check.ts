import { dirname, normalize } from 'node:path';
import { mayImport, mayUseNode, mayUsePackages, nameOwners, sharedAdapter, wireName, type Layer } from './law.ts';
import { importsOf, literalsOf } from './source.ts';

export interface Package {
  readonly name: string;
  /** Folder, relative to the workspace root, without a trailing slash. */
  readonly folder: string;
  readonly layer: Layer;
  readonly dependencies: ReadonlySet<string>;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/** Code that never ships: it may reach for what the law keeps from the product. */
const isTest = (path: string): boolean => /\.(test|fixture|config)\.ts$|\/(test|conformance)\//.test(path);
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Every breach of the import law in the workspace, each line saying where, what, and the fix. */
export function check(packages: readonly Package[]): string[] {
  const byName = new Map(packages.map((entry) => [entry.name, entry]));
  return packages.flatMap((owner) =>
    owner.files.flatMap((file) => {
      const at = (line: number, text: string): string => `${file.path}:${line}: ${text}`;
      const imports = importsOf(file.text).flatMap(({ text, line }) =>
        importProblems(owner, file.path, text, byName).map((problem) => at(line, problem)),
      );
      const names =
        nameOwners.includes(owner.name) || isTest(file.path) || owner.layer === 'test' || owner.layer === 'tool';
      const literals = names
        ? []
        : literalsOf(file.text)
            .filter(({ text }) => wireName.test(text))
            .map(({ text, line }) =>
              at(
                line,
                `'${text}' is a name on the wire: export it from libs/wire or libs/kube-api and import it here.`,
              ),
            );
      return [...imports, ...literals];
    }),
  );
}

function importProblems(
  owner: Package,
  path: string,
  specifier: string,
  byName: ReadonlyMap<string, Package>,
): string[] {
  if (specifier.startsWith('.')) return relativeProblems(owner, path, specifier);
  if (specifier.startsWith('node:')) {
    return mayUseNode.includes(owner.layer) || isTest(path)
      ? []
      : [`a ${owner.layer} package may not import ${specifier}: take the data or a port as an argument.`];
  }
  const name = packageOf(specifier);
  const target = byName.get(name);
  const undeclared =
    owner.dependencies.has(name) || isTest(path) || name === owner.name
      ? []
      : [`${name} is not among the dependencies of ${owner.folder}/package.json: declare it there.`];
  if (target === undefined) return [...undeclared, ...externalProblems(owner, path, name)];
  if (specifier !== name) return [`${specifier}: import ${name} itself; what is not exported there is private.`];
  return [...undeclared, ...layerProblems(owner, path, target)];
}

function relativeProblems(owner: Package, path: string, specifier: string): string[] {
  const target = normalize(`${dirname(path)}/${specifier}`);
  if (target.startsWith(`${owner.folder}/`) || isTest(path)) return [];
  return [`${specifier} leaves ${owner.folder}: import the other package by its name.`];
}

function externalProblems(owner: Package, path: string, name: string): string[] {
  if (isTest(path)) return [];
  const allowed = mayUsePackages[owner.layer];
  if (allowed !== undefined && !allowed.includes(name)) {
    const list = allowed.length === 0 ? 'no npm package' : `only ${allowed.join(', ')}`;
    return [`a ${owner.layer} package may use ${list}, not ${name}: move the code that needs it to an adapter.`];
  }
  if (name.startsWith('@nestjs/') && owner.layer !== 'app') {
    return [
      `Nest belongs to apps: give ${owner.folder} a plain class and wire it with useFactory in the app's module.`,
    ];
  }
  return [];
}

function layerProblems(owner: Package, path: string, target: Package): string[] {
  if (target.name === owner.name || target.name === sharedAdapter)
    return owner.layer === 'contract' || owner.layer === 'core' ? coreProblem(owner, target) : [];
  if (isTest(path) && (target.layer === 'testing' || target.layer === 'adapter')) return [];
  if (mayImport[owner.layer].includes(target.layer)) return [];
  if (owner.layer === 'core' && target.layer === 'core') {
    return [
      `core packages do not import each other (${owner.name} → ${target.name}): pass the data through the caller.`,
    ];
  }
  if (target.layer === 'testing') return [`${target.name} is for *.test.ts and test/ only.`];
  if (target.layer === 'app') return [`no package imports an app: move what is shared to a lib.`];
  return [
    `a ${owner.layer} package may not import a ${target.layer} package (${target.name}): ` +
      `the law is app → adapter → core → contract; take a port of your own and let the app join the two.`,
  ];
}

const coreProblem = (owner: Package, target: Package): string[] =>
  target.name === owner.name
    ? []
    : [`a ${owner.layer} package may not import ${target.name}: core returns facts, it does not log.`];
