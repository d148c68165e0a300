/**
 * Aborts when this process is asked to end: SIGINT, SIGTERM, SIGHUP, or the end of the `kasm` bin that started it,
 * which holds the other end of the channel. Asking again changes nothing: the way down is the same.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  process.once('disconnect', stop);
  process.channel?.unref();
  return controller.signal;
}
