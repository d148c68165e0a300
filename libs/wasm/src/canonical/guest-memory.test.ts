import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GuestMemory } from './guest-memory.ts';

describe('a memory', () => {
  test('is read anew after it grew', () => {
    const core = new WebAssembly.Memory({ initial: 1 });
    const memory = new GuestMemory(core);
    core.grow(1);
    expect(memory.bytes.length).toBe(0);
    memory.refresh();
    new Uint8Array(core.buffer)[100_000] = 7;
    expect([memory.bytes[100_000], memory.view.getUint8(100_000), memory.chars[100_000]]).toEqual([7, 7, 7]);
  });

  test('that begins empty is read once it has bytes', () => {
    const core = new WebAssembly.Memory({ initial: 0 });
    const memory = new GuestMemory(core);
    memory.refresh();
    core.grow(1);
    memory.refresh();
    expect(memory.bytes.length).toBe(65_536);
  });

  test('gives the text that is there now, whatever was there before', () => {
    // Few texts of few letters: most come again, in other places, and after others whose hash is the same.
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'Q', '\0', '\x7f', 'é'), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.nat({ max: 70 }), fc.nat({ max: 100 })), { maxLength: 200 }), (writes) => {
        const memory = new GuestMemory({ buffer: new ArrayBuffer(1024) });
        for (const [start, fill, at] of writes) {
          const written = start + 'x'.repeat(fill);
          memory.bytes.set(Buffer.from(written, 'latin1'), at);
          expect(memory.ascii(at, at + written.length)).toBe(written.includes('é') ? undefined : written);
        }
      }),
    );
  });
});
