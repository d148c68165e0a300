import type { FuncType, WitType } from '@kasmcloud/wrpc';
import { readComponent } from './binary/component.ts';
import { BinaryReader } from './binary/reader.ts';
import type { Extern, Externs } from './binary/scope.ts';

export interface FunctionRef {
  /** As in WIT: `get`, `[method]bucket.get`, `[constructor]fields`. */
  readonly name: string;
  readonly type: FuncType;
}

/** A type that an interface gives a name. Whatever uses it has the same object for it. */
export interface NamedType {
  readonly name: string;
  readonly type: WitType;
}

/** An interface that a component imports or exports. */
export interface InterfaceRef {
  /** `ns:pkg/iface@version`; empty for the functions that stand in the world itself. */
  readonly name: string;
  readonly functions: readonly FunctionRef[];
  /** The resources that this interface defines. */
  readonly resources: readonly string[];
  /** The types that it names, in their order. */
  readonly types: readonly NamedType[];
}

export interface ComponentInterfaces {
  readonly imports: readonly InterfaceRef[];
  readonly exports: readonly InterfaceRef[];
}

/**
 * What a component imports and exports, with the type of every function, read from its binary.
 * @throws ComponentError with the offset, when the bytes are not a component.
 */
export const inspectComponent = (bytes: Uint8Array): ComponentInterfaces => {
  const component = readComponent(new BinaryReader(bytes));
  return { imports: interfacesOf(component.imports), exports: interfacesOf(component.exports) };
};

const interfacesOf = (externs: Externs): InterfaceRef[] => {
  const interfaces: InterfaceRef[] = [];
  for (const [name, extern] of externs) {
    if (extern.kind === 'instance') interfaces.push(interfaceOf(name, extern.exports));
  }
  const root = interfaceOf('', externs);
  return root.functions.length === 0 ? interfaces : [...interfaces, root];
};

const interfaceOf = (name: string, externs: Externs): InterfaceRef => {
  const functions: FunctionRef[] = [];
  const resources: string[] = [];
  const types: NamedType[] = [];
  for (const [member, extern] of externs) {
    if (extern.kind === 'func') functions.push({ name: member, type: extern.type });
    else if (extern.kind === 'type' && extern.entry.kind === 'value')
      types.push({ name: member, type: extern.entry.type });
    else if (extern.kind === 'type' && isDefinition(extern, member)) resources.push(member);
  }
  return { name, functions, resources, types };
};

/** Not another name for a resource, of this interface or of one that it uses. */
const isDefinition = ({ entry, fresh }: Extract<Extern, { kind: 'type' }>, name: string): boolean =>
  entry.kind === 'resource' && fresh && entry.name === name;
