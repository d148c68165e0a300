import { freePort, LaunchedProgram } from './launched-program.ts';

/** Tests run beside others. */
const READY_WITHIN_MS = 60_000;
const ANSWER_WITHIN_MS = 5_000;

/** Starts the built file of one of our apps with its settings, on a free port; resolves once its /readyz is well. */
export async function startApp(main: string, settings: Readonly<Record<string, string>>): Promise<LaunchedProgram> {
  const port = await freePort();
  return LaunchedProgram.start({
    program: process.execPath,
    args: [main],
    env: { ...settings, KASMCLOUD_PORT: String(port) },
    readyWithinMs: READY_WITHIN_MS,
    ready: () =>
      fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
}
