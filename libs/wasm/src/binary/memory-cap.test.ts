import { describe, expect, test } from 'vitest';
import { ComponentError } from '../error.ts';
import { capMemories } from './memory-cap.ts';

const preamble = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const page = 65_536;

/** A module with one memory, exported as `m`. */
const withMemory = (...limits: number[]): Uint8Array =>
  Uint8Array.from([...preamble, 5, limits.length + 1, 1, ...limits, 7, 5, 1, 1, 0x6d, 2, 0]);

const memoryOf = (module: Uint8Array): unknown => new WebAssembly.Instance(new WebAssembly.Module(module)).exports['m'];

const grow = (module: Uint8Array, pages: number): boolean => {
  const memory = memoryOf(module);
  if (!(memory instanceof Object) || !('grow' in memory) || typeof memory.grow !== 'function')
    throw new Error('no memory');
  try {
    memory.grow(pages);
    return true;
  } catch {
    return false;
  }
};

describe('capMemories', () => {
  test('a memory without a maximum gets one', () => {
    const capped = capMemories(withMemory(0, 1), 4 * page);
    expect(grow(capped, 3)).toBe(true);
    expect(grow(capped, 4)).toBe(false);
  });

  test('a larger maximum falls, a smaller one stays', () => {
    expect(grow(capMemories(withMemory(1, 1, 100), 4 * page), 4)).toBe(false);
    expect(grow(capMemories(withMemory(1, 1, 2), 4 * page), 2)).toBe(false);
  });

  test('a 64-bit memory is capped too', () => {
    expect([...capMemories(withMemory(4, 1), 4 * page).subarray(8, 14)]).toEqual([5, 4, 1, 5, 1, 4]);
  });

  test('a memory that starts too large is refused', () => {
    expect(() => capMemories(withMemory(0, 5), 4 * page)).toThrow(ComponentError);
    expect(() => capMemories(withMemory(0, 5), 4 * page)).toThrow(
      'needs 327680 bytes of memory to start, its limit is 262144',
    );
  });

  test('a table gets a maximum', () => {
    const table = Uint8Array.from([...preamble, 4, 4, 1, 0x70, 0, 1]);
    expect([...capMemories(table, page).subarray(8)]).toEqual([4, 7, 1, 0x70, 1, 1, 0xc0, 0x84, 0x3d]);
  });

  test('a module without memory is untouched', () => {
    expect([...capMemories(Uint8Array.from(preamble), page)]).toEqual(preamble);
  });
});
