import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { createLogger, type Logger, type LoggerOptions } from './logger.ts';
import { silentLogger } from './index.ts';

const capture = (options: Partial<LoggerOptions> = {}): { log: Logger; lines: string[] } => {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  return { log: createLogger({ service: 'scheduler', level: 'trace', destination, ...options }), lines };
};

const parsed = (lines: readonly string[]): Record<string, unknown>[] =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>);

test('a line is one JSON object with the level as a word, the service, the fields and the message', () => {
  const { log, lines } = capture();
  log.child({ key: 'shop/web' }).info({ replicas: 3 }, 'placed');
  log.warn('slow');
  expect(parsed(lines)).toMatchObject([
    { level: 'info', service: 'scheduler', key: 'shop/web', replicas: 3, msg: 'placed' },
    { level: 'warn', msg: 'slow' },
  ]);
  expect(parsed(lines)[0]?.['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
});

test('lines below the level are not written', () => {
  const { log, lines } = capture({ level: 'warn' });
  log.info('quiet');
  log.child({ a: 1 }).debug({ b: 2 }, 'quiet');
  log.error('loud');
  expect(parsed(lines).map(({ msg }) => msg)).toEqual(['loud']);
  silentLogger.error({ a: 1 }, 'nobody hears it');
});

test('secrets are cut out at any depth, in children, in text and in errors', () => {
  const { log, lines } = capture();
  log
    .child({ apiToken: 'hunter2' })
    .info({ auth: { headers: { Authorization: 'Bearer hunter2hunter2' } }, list: [{ password: 'hunter2' }] }, 'a');
  log.info({ url: 'https://me:hunter2@git.example/x.git', clientSecrets: { a: 'hunter2' } }, 'b');
  log.error(
    {
      err: new Error('fetch https://me:hunter2@git.example failed', {
        cause: new Error('token=x, Bearer hunter2hunter2'),
      }),
    },
    'c',
  );
  log.info('cloning ssh://git:hunter2@git.example/x.git');
  log.info({ hasToken: true, tokens: 12, url: 'https://git.example/a@b', ssh: 'ssh://git@git.example/x' }, 'd');
  expect(lines.join('')).not.toContain('hunter2');
  expect(parsed(lines)[2]).toMatchObject({
    err: { type: 'Error', message: 'fetch https://[redacted]@git.example failed' },
  });
  expect(parsed(lines)[4]).toMatchObject({
    hasToken: true,
    tokens: 12,
    url: 'https://git.example/a@b',
    ssh: 'ssh://git@git.example/x',
  });
});

test('what JSON cannot say does not break a line', () => {
  const { log, lines } = capture();
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  log.info(
    { loop, big: 2n ** 64n, bytes: new Uint8Array(5_000), when: new Date(0), many: Array.from({ length: 1e5 }) },
    'odd',
  );
  expect(parsed(lines)).toMatchObject([
    { big: '18446744073709551616', bytes: '[5000 bytes]', when: '1970-01-01T00:00:00.000Z' },
  ]);
  expect(lines.join('').length).toBeLessThan(5_000);
});

test('pretty lines are for a reader', () => {
  const { log, lines } = capture({ pretty: true });
  log.child({ key: 'shop/web' }).info({ replicas: 3, note: 'two words' }, 'placed');
  log.error({ err: new Error('no route') }, 'failed');
  const text = stripVTControlCharacters(lines.join(''));
  expect(text).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} INFO {2}scheduler {2}placed {2}key=shop\/web replicas=3 note='two words'\n/,
  );
  expect(text).toMatch(/ERROR scheduler {2}failed {2}err='no route'\nError: no route\n\s+at /);
});
