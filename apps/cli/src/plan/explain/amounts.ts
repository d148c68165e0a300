const binary = [
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
] as const;

/** An amount in the planner's units, thousandths of all but `instances`, as someone would write it. */
export function amountText(resource: string, amount: number): string {
  if (resource === 'instances') return String(amount);
  if (amount < 100_000) return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
  const whole = amount / 1000;
  for (const [suffix, size] of binary) {
    if (whole >= size) return `${Number((whole / size).toFixed(1))}${suffix}`;
  }
  return String(Math.floor(whole));
}
