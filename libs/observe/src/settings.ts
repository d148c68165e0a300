import { z } from 'zod';
import { durationMs, isDuration } from './duration.ts';

/** Schemas of environment variables that every service has, and the text of `--help`. */

/** A duration such as `5s`, read as milliseconds. */
export const durationSetting = (fallback: string): z.ZodType<number> =>
  z
    .string()
    .default(fallback)
    .refine(isDuration, 'expected a duration such as 500ms, 5s or 1m30s')
    .transform((text) => durationMs(text));

/** `true` or `false`. */
export const flagSetting = (fallback: boolean): z.ZodType<boolean> =>
  z
    .enum(['true', 'false'])
    .default(fallback ? 'true' : 'false')
    .transform((text) => text === 'true');

/** A port to listen on; 0 takes a free one. */
export const portSetting = (fallback: number): z.ZodType<number> =>
  z.coerce.number().int().min(0).max(65_535).default(fallback);

/** A list, separated by commas. */
export const listSetting = (fallback: string): z.ZodType<string[]> =>
  z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    );

/** What `--help` prints: each variable with its description and default. */
export function settingsHelp(title: string, settings: z.ZodObject): string {
  const names = Object.keys(settings.shape);
  const width = 2 + Math.max(...names.map((name) => name.length));
  const lines = names.map((name) => {
    const schema: z.ZodType = settings.shape[name];
    const { default: fallback } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    const shown = fallback === undefined || fallback === '' ? '' : ` [${JSON.stringify(fallback)}]`;
    return `  ${name.padEnd(width)}${schema.description ?? ''}${shown}`;
  });
  return `${title}\nSettings, from the environment:\n\n${lines.join('\n')}\n`;
}
