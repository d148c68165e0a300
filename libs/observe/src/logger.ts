import { pino } from 'pino';
import { PrettyStream } from './pretty.ts';
import { redactFields, redactText } from './redact.ts';

/** `log.info({ key, host }, 'placed')`: the message is a constant, what varies is in the fields. */
export interface LogMethod {
  (fields: object, message: string): void;
  (message: string): void;
}

/** What a library needs of a logger. */
export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  /** A logger that adds `fields` to every line. */
  child(fields: object): Logger;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** Name of the process, as field `service` of every line. */
  readonly service: string;
  /** Least level that is written. Default `info`. */
  readonly level?: LogLevel;
  /** Lines for a reader at a terminal instead of JSON. */
  readonly pretty?: boolean;
  /** Where lines go, one per write. Default standard output. */
  readonly destination?: LogDestination;
}

export interface LogDestination {
  write(line: string): unknown;
}

const wrap = (inner: pino.Logger): Logger => {
  const method =
    (level: Exclude<LogLevel, 'silent'>): LogMethod =>
    (first: object | string, message?: string) => {
      if (!inner.isLevelEnabled(level)) return;
      if (typeof first === 'string') inner[level](redactText(first));
      else inner[level](redactFields(first), message);
    };
  return {
    trace: method('trace'),
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    child: (fields) => wrap(inner.child(redactFields(fields))),
  };
};

/**
 * A logger that writes one JSON object per line: `level` as a word, `time` in ISO 8601, `service`, the fields and `msg`.
 * Secrets are cut out. pino's transports are not used: they live in worker threads, which a bundle cannot start.
 */
export const createLogger = ({ service, level = 'info', pretty = false, destination }: LoggerOptions): Logger => {
  const options: pino.LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    // Errors arrive as plain data already; pino's own serializer would rebuild them.
    serializers: { err: (fields: unknown) => fields },
    formatters: { level: (label) => ({ level: label }) },
  };
  if (pretty) return wrap(pino(options, new PrettyStream(destination ?? process.stdout)));
  // pino's own stream to descriptor 1 writes synchronously, so that the last lines before an exit are not lost.
  return wrap(pino(options, destination ?? pino.destination({ fd: 1, sync: true })));
};

/** A logger that writes nothing: the default of libraries whose caller gives none. */
export const silentLogger: Logger = createLogger({ service: '', level: 'silent', destination: { write: () => true } });
