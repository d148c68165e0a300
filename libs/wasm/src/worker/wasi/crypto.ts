let loaded: typeof import('node:crypto') | undefined;

/** node:crypto, loaded with the first guest that needs it: it would be a quarter of what a worker loads before it is up. */
export const crypto = (): typeof import('node:crypto') => (loaded ??= process.getBuiltinModule('node:crypto'));
