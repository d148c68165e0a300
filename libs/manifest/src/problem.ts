/** A place in a file; both count from 1, `column` in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The steps from the root of a document to a field: names and list indexes. */
export type FieldPath = readonly (string | number)[];

/** What is wrong with a manifest, and where. */
export interface Problem extends Position {
  readonly file: string;
  /** As `fieldText` writes it; absent when the problem is not of one field. */
  readonly field?: string;
  readonly message: string;
}

/** `spec.containers[0].image`; a name that would be ambiguous is quoted: `metadata.labels["app.kubernetes.io/name"]`. */
export const fieldText = (path: FieldPath): string =>
  path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_$][\w$-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');

/** `deploy/app.yaml:12:5: spec.replicas: must not be negative`, the form that editors make clickable. */
export const formatProblem = ({ file, line, column, field, message }: Problem): string =>
  [`${file}:${line}:${column}`, ...(field === undefined ? [] : [field]), message].join(': ');

/** Collects the problems of one file, up to a bound: a garbage file has thousands. */
export class ProblemList {
  static readonly MAX = 100;
  readonly #file: string;
  readonly #problems: Problem[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  add(position: Position, message: string, path: FieldPath = []): void {
    if (this.#problems.length > ProblemList.MAX) return;
    const full = this.#problems.length === ProblemList.MAX;
    const { line, column } = position;
    this.#problems.push({
      file: this.#file,
      line,
      column,
      ...(path.length === 0 || full ? {} : { field: fieldText(path) }),
      message: full ? 'too many problems; the rest is not shown' : message,
    });
  }

  get count(): number {
    return this.#problems.length;
  }

  all(): readonly Problem[] {
    return this.#problems;
  }
}
