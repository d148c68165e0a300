import type { InterfaceRef } from '@kasmcloud/wasm';
import type { FuncType, WitType } from '@kasmcloud/wrpc';
import { functionKey, partsOf, pascalCase, variable } from './names.ts';
import { definitionText, typeText, type TypeNames } from './type-text.ts';

/** A file of generated bindings. */
export interface BindingsFile {
  readonly name: string;
  readonly text: string;
}

/** Types without content of their own: naming them would say nothing. */
const isPlain = (type: WitType): boolean => Object.keys(type).length === 1;

/** The bindings of one interface: what its functions take and return as data, and as TypeScript. */
export function bindingsOf(iface: InterfaceRef): BindingsFile[] {
  const { file } = partsOf(iface.name);
  return [
    { name: `${file}.js`, text: codeOf(iface) },
    { name: `${file}.d.ts`, text: declarationsOf(iface) },
  ];
}

const NOTE = '// Written by kasmcloud-bindings; write it anew rather than change it.';

function codeOf({ name, functions, types }: InterfaceRef): string {
  const named = new Map(types.flatMap((one) => (isPlain(one.type) ? [] : [[one.type, variable(`${one.name}-type`)]])));
  const constants = [...named].map(
    ([type, constant]) => `const ${constant} = ${dataText(type, without(named, type))};`,
  );
  const entries = functions.map(
    (func) => `    ${functionKey(func.name)}: { name: '${func.name}', type: ${dataText(func.type, named)} },`,
  );
  const { iface } = partsOf(name);
  return [
    NOTE,
    ...constants,
    '',
    `/** ${name} */`,
    `export const ${variable(iface)} = {`,
    `  name: '${name}',`,
    '  functions: {',
    ...entries,
    '  },',
    '};',
    '',
  ].join('\n');
}

function declarationsOf({ name, functions, types }: InterfaceRef): string {
  const { iface } = partsOf(name);
  const title = pascalCase(iface);
  const names = new Map(
    types.flatMap((one) => (isPlain(one.type) ? [] : [[one.type, typeName(one.name, title)] as const])),
  );
  // A name for a name: its first one is that of the type.
  const declared = types.map((one) => {
    const own = typeName(one.name, title);
    const text = names.get(one.type) === own ? definitionText(one.type, names) : typeText(one.type, names);
    return `export type ${own} = ${text};`;
  });
  return [
    NOTE,
    "import type { WitInterface } from '@kasmcloud/provider';",
    '',
    ...declared,
    '',
    `/** ${name} */`,
    `export interface ${title} {`,
    ...functions.flatMap(({ name: func, type }) => methodText(func, type, names)),
    '}',
    '',
    `export declare const ${variable(iface)}: WitInterface<${title}>;`,
    '',
  ].join('\n');
}

/** A type may be called as its interface is. */
const typeName = (name: string, title: string): string => {
  const own = pascalCase(name);
  return own === title || own === 'WitInterface' ? `${own}Type` : own;
};

function methodText(name: string, { params, result }: FuncType, names: TypeNames): string[] {
  const list = params.map((param) => `${variable(param.name)}: ${typeText(param.type, names)}`).join(', ');
  const [ok, err] = result?.kind === 'result' ? [result.ok, result.err] : [result, undefined];
  const doc =
    result?.kind === 'result'
      ? [`  /** @throws WitError${err === undefined ? '' : ` of ${typeText(err, names)}`} */`]
      : [];
  return [...doc, `  ${functionKey(name)}(${list}): ${ok === undefined ? 'void' : typeText(ok, names)};`];
}

const without = (names: TypeNames, type: WitType): TypeNames => new Map([...names].filter(([other]) => other !== type));

/** A literal of JavaScript, with the constants of named types in their places. */
function dataText(value: unknown, names: ReadonlyMap<unknown, string>): string {
  const constant = names.get(value);
  if (constant !== undefined) return constant;
  if (Array.isArray(value)) return `[${value.map((item) => dataText(item, names)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return `'${String(value)}'`;
  const fields = Object.entries(value).map(([key, item]) => `${key}: ${dataText(item, names)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}
