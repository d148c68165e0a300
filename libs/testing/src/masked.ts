/**
 * What was told, with what the expected leaves open made equal to it: a text that ends in `…` stands for any that begins so,
 * `…` alone for any value.
 */
export function masked(told: unknown, expected: unknown): unknown {
  if (expected === '…') return told === undefined ? told : expected;
  if (typeof expected === 'string' && expected.endsWith('…'))
    return typeof told === 'string' && told.startsWith(expected.slice(0, -1)) ? expected : told;
  if (Array.isArray(told) && Array.isArray(expected)) return told.map((one, i) => masked(one, expected[i]));
  if (!isFields(told) || !isFields(expected)) return told;
  return Object.fromEntries(Object.entries(told).map(([key, value]) => [key, masked(value, expected[key])]));
}

export const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
