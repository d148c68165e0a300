import type { BinaryReader } from './reader.ts';
import { at, type Scope } from './scope.ts';
import { readValueType } from './value-type.ts';

/** What follows the code of a canonical definition. */
type Part = 'index' | 'flag' | 'options' | 'result';

/**
 * Component Model, Binary.md: canon. Only `lift` defines a function that can be exported; the others have to be
 * understood as far as it takes to find where they end.
 */
const builtins: ReadonlyMap<number, readonly Part[]> = new Map<number, readonly Part[]>([
  [0x02, ['index']], // resource.new
  [0x03, ['index']], // resource.drop
  [0x04, ['index']], // resource.rep
  [0x05, []], // task.cancel
  [0x06, ['flag']], // subtask.cancel
  [0x07, ['index']], // resource.drop async
  [0x08, []], // backpressure.set
  [0x09, ['result', 'options']], // task.return
  [0x0a, ['flag', 'index']], // context.get
  [0x0b, ['flag', 'index']], // context.set
  [0x0c, ['flag']], // thread.yield
  [0x0d, []], // subtask.drop
  [0x0e, ['index']], // stream.new
  [0x0f, ['index', 'options']], // stream.read
  [0x10, ['index', 'options']], // stream.write
  [0x11, ['index', 'flag']], // stream.cancel-read
  [0x12, ['index', 'flag']], // stream.cancel-write
  [0x13, ['index']], // stream.drop-readable
  [0x14, ['index']], // stream.drop-writable
  [0x15, ['index']], // future.new
  [0x16, ['index', 'options']], // future.read
  [0x17, ['index', 'options']], // future.write
  [0x18, ['index', 'flag']], // future.cancel-read
  [0x19, ['index', 'flag']], // future.cancel-write
  [0x1a, ['index']], // future.drop-readable
  [0x1b, ['index']], // future.drop-writable
  [0x1c, ['options']], // error-context.new
  [0x1d, ['options']], // error-context.debug-message
  [0x1e, []], // error-context.drop
  [0x1f, []], // waitable-set.new
  [0x20, ['flag', 'index']], // waitable-set.wait
  [0x21, ['flag', 'index']], // waitable-set.poll
  [0x22, []], // waitable-set.drop
  [0x23, []], // waitable.join
  [0x24, []], // backpressure.inc
  [0x25, []], // backpressure.dec
]);

/** Codes of canonical options that an index follows: memory, realloc, post-return, callback, core type. */
const indexedOptions = new Set([0x03, 0x04, 0x05, 0x07, 0x08]);

export const readCanon = (reader: BinaryReader, scope: Scope): void => {
  const code = reader.u8();
  if (code === 0x00 || code === 0x01) {
    if (reader.u8() !== 0) throw reader.fail('unknown form of lift or lower', reader.offset - 1);
    reader.u32();
    readOptions(reader);
    if (code === 0x01) return;
    const index = reader.u32();
    const entry = at(reader, scope.types, 'type', index);
    if (entry.kind !== 'func') throw reader.fail(`type ${index} is a ${entry.kind}, a func is needed`);
    scope.funcs.push(entry.type);
    return;
  }
  const parts = builtins.get(code);
  if (parts === undefined) throw reader.fail(`unknown canonical function 0x${code.toString(16)}`, reader.offset - 1);
  for (const part of parts) readPart(reader, scope, part);
};

const readPart = (reader: BinaryReader, scope: Scope, part: Part): void => {
  switch (part) {
    case 'index':
      reader.u32();
      return;
    case 'flag':
      reader.u8();
      return;
    case 'options':
      readOptions(reader);
      return;
    case 'result':
      if (reader.u8() === 0) readValueType(reader, scope);
      else reader.u8();
  }
};

const readOptions = (reader: BinaryReader): void => {
  reader.vector(() => {
    const code = reader.u8();
    if (code > 0x09) throw reader.fail(`unknown canonical option 0x${code.toString(16)}`, reader.offset - 1);
    if (indexedOptions.has(code)) reader.u32();
  });
};
