/** The text is no semantic version. */
export class SemverError extends Error {
  override readonly name = 'SemverError';
}

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
    const { numbers, pre } = partsOf(normalize ? normalized(text) : text);
    const [major = 0n, minor = 0n, patch = 0n] = numbers.map(([name, digits]) => numberOf(name, digits));
    for (const part of pre) checkPre(part);
    return new Semver(major, minor, patch, pre);
  }

  static isSemver(text: string, normalize = false): boolean {
    try {
      return Semver.parse(text, normalize) instanceof Semver;
    } catch (error) {
      if (error instanceof SemverError) return false;
      throw error;
    }
  }

  compareTo(other: Semver): bigint {
    for (const part of ['major', 'minor', 'patch'] as const) {
      if (this[part] !== other[part]) return this[part] < other[part] ? -1n : 1n;
    }
    return comparePre(this.pre, other.pre);
  }
}

type Numbers = readonly (readonly [name: string, digits: string])[];

/** Takes a version apart, in the order and words of github.com/blang/semver. */
function partsOf(text: string): { numbers: Numbers; pre: readonly string[] } {
  if (text === '') throw new SemverError('Version string empty');
  const [major, minor, ...others] = text.split('.');
  if (major === undefined || minor === undefined || others.length === 0) {
    throw new SemverError('No Major.Minor.Patch elements found');
  }
  const [, patch = '', pre, build] = /^([^-+]*)(?:-([^+]*))?(?:\+(.*))?$/s.exec(others.join('.')) ?? [];
  if (build !== undefined && !/^[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*$/.test(build)) {
    throw new SemverError(`Invalid character(s) found in build meta data ${JSON.stringify(build)}`);
  }
  const numbers = [['major', major] as const, ['minor', minor] as const, ['patch', patch] as const];
  return { numbers, pre: pre === undefined ? [] : pre.split('.') };
}

function numberOf(name: string, digits: string): bigint {
  if (!/^\d+$/.test(digits)) {
    throw new SemverError(`Invalid character(s) found in ${name} number ${JSON.stringify(digits)}`);
  }
  if (digits.length > 1 && digits.startsWith('0')) {
    const title = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
    throw new SemverError(`${title} number must not contain leading zeroes ${JSON.stringify(digits)}`);
  }
  return BigInt(digits);
}

function checkPre(part: string): void {
  if (part === '') throw new SemverError('Prerelease is empty');
  if (/^0\d+$/.test(part)) {
    throw new SemverError(`Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(part)}`);
  }
  if (!/^[0-9A-Za-z-]+$/.test(part)) {
    throw new SemverError(`Invalid character(s) found in prerelease ${JSON.stringify(part)}`);
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
