const pattern = /^([+-]?)(\d+)?(?:\.(\d+))?(?:(m|u|n|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([+-]?\d{1,2}))?$/;
const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const NANOS = 1_000_000_000n;

/** Billionths; undefined for what is no quantity. What is finer is rounded up. */
export function nanosOf(text: string): bigint | undefined {
  const [, sign = '', whole = '', fraction = '', suffix = '', exponent = '0'] = pattern.exec(text) ?? [];
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  const scale = binary.indexOf(suffix) > 0 ? 1024n ** BigInt(binary.indexOf(suffix)) * NANOS : undefined;
  const power = decimal.indexOf(suffix) * 3 + Number(exponent);
  const factor = scale ?? 10n ** BigInt(Math.max(power, 0));
  const divisor = 10n ** BigInt(fraction.length + (scale === undefined ? Math.max(-power, 0) : 0));
  const nanos = (digits * factor + divisor - 1n) / divisor;
  return sign === '-' ? -nanos : nanos;
}

/** A quantity as sent: text, or a number. */
export const quantityText = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** A quantity as Kubernetes writes it: the largest suffix of its family that leaves a whole number; undefined for what is none. */
export function canonicalQuantity(value: string | number): string | undefined {
  const text = String(value);
  const nanos = nanosOf(text);
  if (nanos === undefined) return undefined;
  if (nanos === 0n) return '0';
  if (text.endsWith('i')) return shortest(nanos, NANOS, 1024n, binary) ?? text;
  return shortest(nanos, 1n, 1000n, decimal) ?? text;
}

function shortest(nanos: bigint, unit: bigint, base: bigint, suffixes: readonly string[]): string | undefined {
  for (let index = suffixes.length - 1; index >= 0; index -= 1) {
    const size = unit * base ** BigInt(index);
    if (nanos % size === 0n) return `${nanos / size}${suffixes[index]}`;
  }
  return undefined;
}
