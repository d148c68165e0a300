/*
 * An actor shares the lattice's NATS account with everything that keeps the lattice together, so it may not speak, or
 * listen, where that speaks.
 */

/** First tokens that belong to wasmCloud, wadm and NATS itself. */
const reserved: ReadonlySet<string> = new Set(['wasmbus', 'wadm']);
const valid = /^[^\s.]+(\.[^\s.]+)*$/;

/** Why an actor may not publish to a subject of its lattice's own NATS account; undefined when it may. */
export function publishRefusal(subject: string, lattice: string): string | undefined {
  if (!valid.test(subject) || /[*>]/.test(subject)) return `"${subject}" is not a subject`;
  const [first = '', , third] = subject.split('.');
  const isReserved = first.startsWith('$') || reserved.has(first) || first === lattice || third === 'wrpc';
  return isReserved ? `subject ${subject} is reserved for the lattice itself` : undefined;
}

/** The same for a subscription, which may have wildcards behind its first token, and never hears answers to others. */
export function subscribeRefusal(subject: string, lattice: string): string | undefined {
  const tokens = subject.split('.');
  const [first = ''] = tokens;
  const isWild = tokens.every(
    (token, i) => !/[*>]/.test(token) || token === '*' || (token === '>' && i === tokens.length - 1),
  );
  if (!valid.test(subject) || !isWild) return `"${subject}" is not a subject`;
  if (first === '*' || first === '>')
    return `subject ${subject} begins with a wildcard: it would hear the lattice itself`;
  if (first === '_INBOX') return `subject ${subject} is reserved for answers`;
  const third = tokens[2] === '*' || tokens[1] === '>' || tokens[2] === '>' ? undefined : tokens[2];
  return (
    publishRefusal([first, 'x', third ?? 'x'].join('.'), lattice) &&
    `subject ${subject} is reserved for the lattice itself`
  );
}
