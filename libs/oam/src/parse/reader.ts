import type { FieldPath, Problems } from '../problem.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A value of a manifest with its place. Reads say what is wrong and go on; none throws. */
export class Reader {
  readonly value: unknown;
  readonly path: FieldPath;
  readonly #problems: Problems;
  /** Inside of something that is no object: that was said, and nothing more is to be said of what it lacks. */
  readonly #moot: boolean;

  constructor(value: unknown, path: FieldPath, problems: Problems, moot = false) {
    this.value = value;
    this.path = path;
    this.#problems = problems;
    this.#moot = moot;
  }

  /** Null is absent, as wadm reads it. */
  get present(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  at(step: string | number): Reader {
    const { value } = this;
    const holds = typeof value === 'object' && value !== null;
    const next = holds && Object.hasOwn(value, step) ? (value as Fields)[step] : undefined;
    return new Reader(next, [...this.path, step], this.#problems, !holds);
  }

  refuse(message: string): void {
    if (!this.#moot) this.#problems.error(this.path, message);
  }

  /** Whether it is an object. With `known`, every other key is refused. */
  isObject(known?: readonly string[]): boolean {
    if (!isFields(this.value)) {
      this.refuse(this.present ? 'must be an object' : 'is required');
      return false;
    }
    for (const key of Object.keys(this.value))
      if (known?.includes(key) === false) this.at(key).refuse(`unknown field: expected one of ${known.join(', ')}`);
    return true;
  }

  text(): string {
    if (typeof this.value === 'string') return this.value;
    this.refuse(this.present ? 'must be text: put it in quotes' : 'is required');
    return '';
  }

  optionalText(): string | undefined {
    return this.present ? this.text() : undefined;
  }

  /** A whole number from 0 to `most`; undefined when it is none, and then that was said. */
  count(most: number): number | undefined {
    const { value } = this;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
    this.refuse(this.present ? `must be a whole number from 0 to ${most}` : 'is required');
    return undefined;
  }

  list(): Reader[] {
    if (!this.present) return [];
    if (Array.isArray(this.value)) return this.value.map((_, index) => this.at(index));
    this.refuse('must be a list');
    return [];
  }

  /** An object of texts; an absent one is empty. */
  texts(): Record<string, string> {
    if (!this.present || !this.isObject() || !isFields(this.value)) return {};
    return Object.fromEntries(Object.keys(this.value).map((key) => [key, this.at(key).text()]));
  }
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
