import { camelCase, type WitType } from '@kasmcloud/wrpc';

/** Names that the types of one interface have in TypeScript. The same object is the same type. */
export type TypeNames = ReadonlyMap<WitType, string>;

/** A WIT type as TypeScript sees its values, by its name where it has one. */
export const typeText = (type: WitType, names: TypeNames): string => names.get(type) ?? definitionText(type, names);

/** The same, by what it is made of. */
export function definitionText(type: WitType, names: TypeNames): string {
  const text = (of: WitType): string => typeText(of, names);
  switch (type.kind) {
    case 'bool':
      return 'boolean';
    case 'u8':
    case 'u16':
    case 'u32':
    case 's8':
    case 's16':
    case 's32':
    case 'f32':
    case 'f64':
      return 'number';
    case 'u64':
    case 's64':
      return 'bigint';
    case 'char':
    case 'string':
      return 'string';
    case 'list':
      return type.of.kind === 'u8' ? 'Uint8Array' : `${grouped(text(type.of))}[]`;
    case 'tuple':
      return `[${type.of.map(text).join(', ')}]`;
    case 'record':
      return objectText(
        type.fields.map(({ name, type: of }) => field(camelCase(name), text(of), of.kind === 'option')),
      );
    case 'option':
      // The inner option has taken undefined.
      return type.of.kind === 'option'
        ? `{ tag: 'some'; val: ${text(type.of)} } | { tag: 'none' }`
        : `${text(type.of)} | undefined`;
    case 'result':
      return unionText([
        ['ok', type.ok],
        ['err', type.err],
      ]);
    case 'variant':
      return unionText(type.cases.map(({ name, type: of }) => [name, of]));
    case 'enum':
      return type.cases.map((name) => `'${name}'`).join(' | ');
    case 'flags':
      return objectText(type.names.map((name) => `${camelCase(name)}?: boolean`));
    case 'own':
    case 'borrow':
      return 'Uint8Array';
    case 'stream':
      return `AsyncIterable<${type.of === undefined ? 'unknown[]' : text({ kind: 'list', of: type.of })}>`;
    case 'future':
      return `Promise<${type.of === undefined ? 'void' : text(type.of)}>`;
  }

  function unionText(cases: readonly (readonly [tag: string, of: WitType | undefined])[]): string {
    return cases
      .map(([tag, of]) => (of === undefined ? `{ tag: '${tag}' }` : `{ tag: '${tag}'; val: ${text(of)} }`))
      .join(' | ');
  }
}

const objectText = (fields: readonly string[]): string => (fields.length === 0 ? '{}' : `{ ${fields.join('; ')} }`);

const field = (name: string, text: string, isOptional: boolean): string => `${name}${isOptional ? '?' : ''}: ${text}`;

const grouped = (text: string): string => (text.includes(' | ') ? `(${text})` : text);
