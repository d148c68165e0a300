import type { Guest, GuestLogLevel } from '../guest.ts';
import type { Interfaces } from '../interface.ts';

const levels: ReadonlySet<string> = new Set(['trace', 'debug', 'info', 'warn', 'error', 'critical']);

const isLevel = (level: string): level is GuestLogLevel => levels.has(level);

/** wasi:config and wasi:logging, which a component has without a link. */
export const config = (guest: Guest): Interfaces => {
  const store = {
    get: (key: string): string | undefined => guest.config().get(key),
    getAll: (): [string, string][] => [...guest.config()],
  };
  return { 'wasi:config/store': store, 'wasi:config/runtime': store };
};

export const logging = (guest: Guest): Interfaces => ({
  'wasi:logging/logging': {
    log: (level: string, context: string, message: string) =>
      guest.log(isLevel(level) ? level : 'info', context, message),
  },
});
