// The invariants once more, on ten times as many worlds.
process.env['KASMCLOUD_EFFORT'] = '10';

await import('./invariants/room.test.ts');
await import('./invariants/order.test.ts');
await import('./invariants/neighbours.test.ts');
await import('./invariants/stability.test.ts');
await import('./invariants/explain.test.ts');
await import('./invariants/bad-input.test.ts');
