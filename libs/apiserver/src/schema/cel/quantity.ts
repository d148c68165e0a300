/** The text is no Kubernetes quantity, or the operation does not fit its value. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const binary: Record<string, bigint> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };
const decimal: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const nano = 1_000_000_000n;
const maxInt = 9_223_372_036_854_775_807n;

/** A Kubernetes quantity (`100m`, `1.5Gi`, `2e3`), exact to the nano; smaller parts round up, away from zero. */
export class Quantity {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }

  static parse(text: string): Quantity {
    const match = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d{1,3})?$/.exec(text);
    const [, sign = '', whole = '', fraction = '', suffix = ''] = match ?? [];
    if (match === null || whole + fraction === '')
      throw new QuantityError(
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      );
    const digits = BigInt(whole + fraction);
    const shift = binary[suffix];
    const exponent = (decimal[suffix] ?? (shift === undefined ? Number(suffix.slice(1)) : 0)) + 9 - fraction.length;
    const scaled = shift === undefined ? digits : digits << shift;
    const nanos = exponent >= 0 ? scaled * 10n ** BigInt(exponent) : divideUp(scaled, 10n ** BigInt(-exponent));
    return new Quantity(sign === '-' ? -nanos : nanos);
  }

  static isQuantity(text: string): boolean {
    try {
      Quantity.parse(text);
      return true;
    } catch {
      return false;
    }
  }

  isInteger(): boolean {
    return this.nanos % nano === 0n && this.nanos / nano <= maxInt && this.nanos / nano >= -maxInt;
  }

  asInteger(): bigint {
    if (!this.isInteger()) throw new QuantityError('cannot convert value to integer');
    return this.nanos / nano;
  }

  asFloat(): number {
    return Number(this.nanos) / Number(nano);
  }

  sign(): bigint {
    return this.compareTo(new Quantity(0n));
  }

  compareTo(other: Quantity): bigint {
    if (this.nanos === other.nanos) return 0n;
    return this.nanos < other.nanos ? -1n : 1n;
  }

  add(other: Quantity | bigint): Quantity {
    return new Quantity(this.nanos + (typeof other === 'bigint' ? other * nano : other.nanos));
  }

  sub(other: Quantity | bigint): Quantity {
    return new Quantity(this.nanos - (typeof other === 'bigint' ? other * nano : other.nanos));
  }
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
