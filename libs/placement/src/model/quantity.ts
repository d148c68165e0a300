const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Thrown for text that is no Kubernetes quantity. */
export class QuantityError extends Error {
  readonly text: string;
  constructor(text: string) {
    super(`"${text}" is not a Kubernetes quantity such as 250m, 64Mi or 2`);
    this.name = 'QuantityError';
    this.text = text;
  }
}

/**
 * A Kubernetes quantity in thousandths of its unit, rounded up as Kubernetes rounds a request
 * (`250m` → 250, `64Mi` → 67108864000). Throws {@link QuantityError}.
 */
export function parseQuantity(quantity: string | number): number {
  const text = String(quantity);
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([a-zA-Z]{0,2}))$/.exec(text);
  const scale = suffixes[match?.[3] ?? ''];
  if (match?.[1] === undefined || scale === undefined) throw new QuantityError(text);
  const thousandths = Number(`${match[1]}${match[2] ?? ''}`) * scale * 1000;
  if (!Number.isFinite(thousandths)) throw new QuantityError(text);
  // Binary fractions must not turn 100m into 101 thousandths.
  const nearest = Math.round(thousandths);
  return Math.abs(thousandths - nearest) < 1e-6 ? nearest : Math.ceil(thousandths);
}
