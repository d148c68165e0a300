import { ComponentError } from '../error.ts';
import { BinaryReader } from './reader.ts';

const pageBytes = 65_536;
const memorySection = 5;
const tableSection = 4;

/** More table entries than any compiler emits; each costs the engine some bytes outside every memory. */
const maxTableEntries = 1_000_000n;

const flagMax = 0x01;
const flag64 = 0x04;
const flagPageSize = 0x08;

/**
 * The core module with a maximum on every memory and table that it defines, so that `memory.grow` past it answers -1.
 * Engines have no such limit for one module: what a module may grow to is what it says itself.
 * @throws ComponentError when a memory starts larger than `memoryLimitBytes`.
 */
export const capMemories = (module: Uint8Array, memoryLimitBytes: number): Uint8Array => {
  const reader = new BinaryReader(module);
  reader.skip(8);
  const parts: Uint8Array[] = [module.subarray(0, 8)];
  while (!reader.done) {
    const start = reader.offset;
    const id = reader.u8();
    const section = reader.slice(reader.u32());
    if (id === memorySection) parts.push(sectionOf(id, capMemorySection(section, memoryLimitBytes)));
    else if (id === tableSection) parts.push(sectionOf(id, capTableSection(section)));
    else parts.push(module.subarray(start, reader.offset));
  }
  return Buffer.concat(parts);
};

const capMemorySection = (section: BinaryReader, memoryLimitBytes: number): number[] => {
  const memories = section.vector(() => {
    const limits = readLimits(section);
    const limit = BigInt(Math.floor(memoryLimitBytes / limits.pageBytes));
    if (limits.min > limit) {
      const needed = limits.min * BigInt(limits.pageBytes);
      throw new ComponentError(`needs ${needed} bytes of memory to start, its limit is ${memoryLimitBytes}`);
    }
    return writeLimits(limits, limit);
  });
  return [...leb(BigInt(memories.length)), ...memories.flat()];
};

const capTableSection = (section: BinaryReader): number[] => {
  const start = section.offset;
  const tables = section.vector(() => {
    const type = section.u8();
    // A table with an initial value (0x40) is never what a component is built from; it stays as it is.
    if (type === 0x40 || type === 0x63 || type === 0x64) return undefined;
    const limits = readLimits(section);
    if (limits.min > maxTableEntries) throw section.fail(`table of more than ${maxTableEntries} entries`);
    return [type, ...writeLimits(limits, maxTableEntries)];
  });
  if (tables.includes(undefined)) return [...section.bytes.subarray(start, section.end)];
  return [...leb(BigInt(tables.length)), ...tables.flatMap((table) => table ?? [])];
};

interface Limits {
  readonly flags: number;
  readonly min: bigint;
  readonly max: bigint | undefined;
  readonly pageBytes: number;
}

const readLimits = (reader: BinaryReader): Limits => {
  const flags = reader.u8();
  if (flags > 0x0f) throw reader.fail(`unknown memory flags ${flags}`, reader.offset - 1);
  const number = (): bigint => ((flags & flag64) === 0 ? BigInt(reader.u32()) : reader.u64());
  const min = number();
  const max = (flags & flagMax) === 0 ? undefined : number();
  const logPageBytes = (flags & flagPageSize) === 0 ? 16 : reader.u32();
  if (logPageBytes !== 0 && logPageBytes !== 16) throw reader.fail(`memory page of 2^${logPageBytes} bytes`);
  return { flags, min, max, pageBytes: logPageBytes === 16 ? pageBytes : 1 };
};

const writeLimits = ({ flags, min, max, pageBytes: page }: Limits, limit: bigint): number[] => {
  const capped = max === undefined || max > limit ? limit : max;
  const pageSize = (flags & flagPageSize) === 0 ? [] : [page === 1 ? 0 : 16];
  return [flags | flagMax, ...leb(min), ...leb(capped), ...pageSize];
};

const sectionOf = (id: number, content: readonly number[]): Uint8Array =>
  Uint8Array.from([id, ...leb(BigInt(content.length)), ...content]);

const leb = (value: bigint): number[] => {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return bytes;
};
