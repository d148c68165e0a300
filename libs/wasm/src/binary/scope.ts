import type { FuncType, WitType } from '@kasmcloud/wrpc';
import type { BinaryReader } from './reader.ts';

/** What an index of the type space can stand for. */
export type TypeEntry =
  | { readonly kind: 'value'; readonly type: WitType; readonly weight: number; readonly depth: number }
  | { readonly kind: 'func'; readonly type: FuncType }
  | { readonly kind: 'resource'; readonly name: string }
  | { readonly kind: 'instance'; readonly exports: Externs }
  | { readonly kind: 'component'; readonly exports: Externs };

/** What has a name in an import or export. `fresh` resources are defined there; the others are names for another's. */
export type Extern =
  | { readonly kind: 'func'; readonly type: FuncType }
  | { readonly kind: 'type'; readonly entry: TypeEntry; readonly fresh: boolean }
  | { readonly kind: 'instance'; readonly exports: Externs }
  | { readonly kind: 'component'; readonly exports: Externs }
  | { readonly kind: 'module' }
  | { readonly kind: 'value' };

export type Externs = ReadonlyMap<string, Extern>;

/** How deep components and their types may nest. */
const maxNesting = 32;

/** The index spaces of one component, or of one component or instance type. Core spaces do not carry WIT types. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly nesting: number;
  readonly types: TypeEntry[] = [];
  readonly funcs: FuncType[] = [];
  readonly instances: Externs[] = [];
  readonly components: Externs[] = [];
  readonly imports = new Map<string, Extern>();
  readonly exports = new Map<string, Extern>();

  constructor(parent?: Scope) {
    this.parent = parent;
    this.nesting = parent === undefined ? 0 : parent.nesting + 1;
  }

  /** A scope inside this one, for what begins at the reader. */
  inside(reader: BinaryReader): Scope {
    if (this.nesting >= maxNesting) throw reader.fail(`components nest deeper than ${maxNesting}`);
    return new Scope(this);
  }

  /** Gives what was imported, exported or aliased the next index of its space. */
  define(extern: Extern): void {
    switch (extern.kind) {
      case 'func':
        this.funcs.push(extern.type);
        return;
      case 'type':
        this.types.push(extern.entry);
        return;
      case 'instance':
        this.instances.push(extern.exports);
        return;
      case 'component':
        this.components.push(extern.exports);
        return;
      case 'module':
      case 'value':
        return;
    }
  }
}

/** The entry at `index`, or the error that names the space. */
export const at = <T>(reader: BinaryReader, space: readonly T[], what: string, index: number): T => {
  const entry = space[index];
  if (entry === undefined) throw reader.fail(`${what} ${index} is not defined; there are ${space.length}`);
  return entry;
};
