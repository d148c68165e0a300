import { DurationError, durationMs } from '@kasmcloud/observe';
import { UserError } from './user-error.ts';

/** Milliseconds. Throws UserError naming the option, such as `--lease`. */
export function durationOption(option: string, text: string, least: number): number {
  try {
    const ms = durationMs(text);
    if (ms < least) throw new UserError(`${option}: "${text}" is shorter than ${least} ms`);
    return ms;
  } catch (error) {
    if (error instanceof DurationError) throw new UserError(`${option}: ${error.message}`);
    throw error;
  }
}
