import { vi } from 'vitest';

// The tests of the runtime once more, with the bindings that jco generates. They are imported after the choice is made.
vi.stubEnv('WASM_TEST_BINDINGS', 'generated');
await import('./http.test.ts');
await import('./http-client.test.ts');
await import('./isolation.test.ts');
await import('./resources.test.ts');
