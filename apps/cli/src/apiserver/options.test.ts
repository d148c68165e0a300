import { expect, test } from 'vitest';
import { UserError } from '../user-error.ts';
import { parseApiServerOptions, type RawApiServerOptions } from './options.ts';

const raw = { name: 'kasmcloud', data: ':memory:', host: '127.0.0.1', port: '0' } satisfies RawApiServerOptions;

test('keeps everything in a folder, or nothing', () => {
  expect(parseApiServerOptions(raw).data).toBeUndefined();
  expect(parseApiServerOptions({ ...raw, data: 'cluster' }).data).toBe('cluster');
});

test.each(['', '-1', '1.5', 'http', '65536', '0x10'])('refuses "%s" as a port', (port) => {
  expect(() => parseApiServerOptions({ ...raw, port })).toThrow(UserError);
});

test('refuses a folder without a name', () => {
  expect(() => parseApiServerOptions({ ...raw, data: '' })).toThrow('--data: name a folder, or :memory:');
});
