import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseEnv } from './env.ts';
import { durationSetting, flagSetting, listSetting, portSetting, settingsHelp } from './settings.ts';

const settings = z.object({
  AFTER: durationSetting('5s').describe('How long.'),
  LOUD: flagSetting(false).describe('Whether.'),
  PORT: portSetting(8080).describe('Where.'),
  NAMES: listSetting('a, b').describe('Who.'),
});

test('absent variables take their defaults, typed', () => {
  expect(parseEnv(settings, {})).toEqual({ AFTER: 5_000, LOUD: false, PORT: 8080, NAMES: ['a', 'b'] });
});

test('set variables are read', () => {
  const env = { AFTER: '1m30s', LOUD: 'true', PORT: '0', NAMES: 'x' };
  expect(parseEnv(settings, env)).toEqual({ AFTER: 90_000, LOUD: true, PORT: 0, NAMES: ['x'] });
});

test('each wrong variable is named', () => {
  const env = { AFTER: 'soon', LOUD: 'yes', PORT: '70000' };
  expect(() => parseEnv(settings, env)).toThrow(/AFTER: .*\n.*LOUD: .*\n.*PORT: /);
});

test('help tells each variable with its default', () => {
  const help = settingsHelp('thing: does.', settings);
  expect(help).toContain('  AFTER  How long. ["5s"]');
  expect(help).toContain('  PORT   Where. [8080]');
});
