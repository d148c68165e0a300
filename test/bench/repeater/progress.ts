const EVERY_MS = 5_000;

/** Says on standard error how far it is, until it is disposed of. */
export function told(text: () => string): Disposable {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    process.stderr.write(`${Math.round((performance.now() - startedAt) / 1_000)} s: ${text()}\n`);
  }, EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
