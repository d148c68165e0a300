const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/** A text is not a duration. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
  readonly text: string;

  constructor(text: string) {
    super(
      `"${text.slice(0, 40)}" is not a duration: write a number with a unit ms, s, m, h or d, such as 500ms or 1m30s`,
    );
    this.text = text;
  }
}

const parse = (text: string): number | undefined => {
  if (text === '0') return 0;
  if (text.length > 40 || !DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(PART)) total += Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN);
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined;
};

/** Whether `durationMs` accepts `text`: for a schema's refinement. */
export const isDuration = (text: string): boolean => parse(text) !== undefined;

/**
 * Milliseconds of a duration as Go and Kubernetes write it: `500ms`, `5s`, `1m30s`, `2h`, and `7d`; `0` needs no unit.
 *
 * @throws {DurationError}
 */
export const durationMs = (text: string): number => {
  const parsed = parse(text);
  if (parsed === undefined) throw new DurationError(text);
  return parsed;
};
