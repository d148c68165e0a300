import { inspect, styleText } from 'node:util';
import type { LogDestination } from './logger.ts';

type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<string, Style>> = {
  trace: 'gray',
  debug: 'cyan',
  info: 'green',
  warn: 'yellow',
  error: 'red',
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const isoTime = (value: unknown): string => text(value).slice(11, 23);

const fieldText = (value: unknown): string =>
  typeof value === 'string' && /^\S+$/.test(value) ? value : inspect(value, { depth: 6, breakLength: Infinity });

/** Turns pino's JSON lines into lines for a terminal: `12:00:01.250 WARN scheduler  host lost  host=a cluster=eu-1`. */
export class PrettyStream implements LogDestination {
  readonly #target: LogDestination;

  constructor(target: LogDestination) {
    this.#target = target;
  }

  write(line: string): void {
    const record: unknown = JSON.parse(line);
    if (!isRecord(record)) return;
    const { level, time, service, msg, ...fields } = record;
    const word = text(level);
    const stack = isRecord(fields['err']) ? fields['err']['stack'] : undefined;
    const shown = Object.entries(fields).map(([key, value]) => {
      const short = key === 'err' && isRecord(value) ? value['message'] : value;
      return `${styleText('dim', `${key}=`)}${fieldText(short)}`;
    });
    const head = [isoTime(time), styleText(STYLES[word] ?? 'white', word.toUpperCase().padEnd(5)), text(service)];
    const shownLine = [head.join(' '), text(msg), shown.join(' ')].filter((part) => part !== '').join('  ');
    this.#target.write(typeof stack === 'string' ? `${shownLine}\n${styleText('dim', stack)}\n` : `${shownLine}\n`);
  }
}
