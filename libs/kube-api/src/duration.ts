const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration in a spec, such as `1h30m`. Its schema has checked the form. */
export function millisecondsOf(duration: string): number {
  let sum = 0;
  for (const [, amount, unit = ''] of duration.matchAll(/([0-9.]+)(ms|s|m|h)/g))
    sum += Number(amount) * (UNITS[unit] ?? 0);
  return sum;
}
