import { assert, oneof, property, string, stringMatching } from 'fast-check';
import { expect, test } from 'vitest';
import { DurationError, durationMs, isDuration } from './duration.ts';
import { ConfigError, type EnvIssue, type EnvSchema, parseEnv } from './env.ts';

/** Wants PORT as a number and TOKEN. */
const schema: EnvSchema<{ port: number }> = {
  safeParse(input) {
    const env = input as Record<string, string | undefined>;
    const issues: EnvIssue[] = [];
    if (!/^\d+$/.test(env['PORT'] ?? '')) issues.push({ path: ['PORT'], message: 'expected a number' });
    if (env['TOKEN'] === undefined) issues.push({ path: ['TOKEN'], message: 'required' });
    return issues.length === 0
      ? { success: true, data: { port: Number(env['PORT']) } }
      : { success: false, error: { issues } };
  },
};

test('a good environment becomes the configuration', () => {
  expect(parseEnv(schema, { PORT: '8080', TOKEN: 'x', OTHER: undefined })).toEqual({ port: 8080 });
});

const attempt = (): unknown => parseEnv(schema, { PORT: 'hunter2', TOKEN: '' });

test('all problems are told together with the names of the variables, never with the values', () => {
  expect(attempt).toThrow(ConfigError);
  expect(attempt).toThrow('the environment has 2 problems:\n  PORT: expected a number\n  TOKEN: required');
  expect(attempt).not.toThrow('hunter2');
});

test.for([
  ['0', 0],
  ['250ms', 250],
  ['5s', 5_000],
  ['1.5s', 1_500],
  ['1m30s', 90_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
] as const)('%s is %d ms', ([text, ms]) => {
  expect(durationMs(text)).toBe(ms);
});

test.for(['', '5', '-5s', '5 s', '5S', '1e3s', '.5s', 's', '99999999999999999d', '1s'.repeat(50)])(
  '%j is no duration',
  (text) => {
    expect(isDuration(text)).toBe(false);
    expect(() => durationMs(text)).toThrow(DurationError);
  },
);

test('any text is either a duration or refused with the one error', () => {
  assert(
    property(oneof(string(), stringMatching(/^[0-9.]{0,5}(ms|s|m|h|d)?[0-9]{0,3}s?$/)), (text) => {
      let accepted = true;
      try {
        durationMs(text);
      } catch (error) {
        accepted = !(error instanceof DurationError);
      }
      expect(accepted).toBe(isDuration(text));
    }),
  );
});
