/** The text is no semantic version. */
export class SemverError extends Error {
  override readonly name = 'SemverError';
}

const strict =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9A-Za-z.-]+)?$/;

/** A semantic version (semver.org 2.0.0). Source: k8s.io/apiserver pkg/cel/library semverlib.go. */
export class Semver {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly pre: readonly string[];

  private constructor(major: bigint, minor: bigint, patch: bigint, pre: readonly string[]) {
    this.major = major;
    this.minor = minor;
    this.patch = patch;
    this.pre = pre;
  }

  /**
   * @param normalize whether `v1.2` counts as `1.2.0`, and leading zeros go
   * @throws SemverError
   */
  static parse(text: string, normalize = false): Semver {
    const match = strict.exec(normalize ? normalized(text) : text);
    if (match === null) throw new SemverError(`semver parse error during conversion from string: ${text}`);
    const [, major = '', minor = '', patch = '', pre] = match;
    return new Semver(BigInt(major), BigInt(minor), BigInt(patch), pre === undefined ? [] : pre.split('.'));
  }

  static isSemver(text: string, normalize = false): boolean {
    return strict.test(normalize ? normalized(text) : text);
  }

  compareTo(other: Semver): bigint {
    for (const part of ['major', 'minor', 'patch'] as const) {
      if (this[part] !== other[part]) return this[part] < other[part] ? -1n : 1n;
    }
    return comparePre(this.pre, other.pre);
  }
}

function normalized(text: string): string {
  const [, core = '', rest = ''] = /^v?([^-+]*)(.*)$/s.exec(text) ?? [];
  const parts = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  return `${parts.join('.')}${rest}`;
}

/** A version without a part after the dash is the later one. */
function comparePre(a: readonly string[], b: readonly string[]): bigint {
  if (a.length === 0 || b.length === 0) return BigInt(Math.sign(b.length - a.length));
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1n;
    if (left === right) continue;
    const numbers = [left, right].map((part) => /^\d+$/.test(part));
    if (numbers[0] !== numbers[1]) return numbers[0] === true ? -1n : 1n;
    if (numbers[0] === true) return Number(left) < Number(right) ? -1n : 1n;
    return left < right ? -1n : 1n;
  }
  return a.length < b.length ? -1n : 0n;
}
