/** The steps from the root of a manifest to a field: names and list indexes. */
export type FieldPath = readonly (string | number)[];

/** Where a field stands in its file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a manifest. An `Error` refuses it; a `Warning` is told to whoever wrote it. */
export interface Problem {
  readonly severity: 'Error' | 'Warning';
  /** `spec.components[0].traits[1]`. */
  readonly field: string;
  /** In wadm's words where wadm has the same rule. */
  readonly message: string;
  readonly position?: Position;
}

export const hasErrors = (problems: readonly Problem[]): boolean =>
  problems.some(({ severity }) => severity === 'Error');

/** Collects every problem of one manifest, so that its author sees all at once. */
export class Problems {
  readonly all: Problem[] = [];
  readonly #positionOf: ((path: FieldPath) => Position | undefined) | undefined;

  constructor(positionOf?: (path: FieldPath) => Position | undefined) {
    this.#positionOf = positionOf;
  }

  error(path: FieldPath, message: string): void {
    this.#add('Error', path, message);
  }

  warn(path: FieldPath, message: string): void {
    this.#add('Warning', path, message);
  }

  /** An empty collection of the same manifest. */
  fork(): Problems {
    return new Problems(this.#positionOf);
  }

  #add(severity: Problem['severity'], path: FieldPath, message: string): void {
    const position = this.#positionOf?.(path);
    this.all.push({ severity, field: fieldText(path), message, ...(position && { position }) });
  }
}

/** `spec.components[0]["odd name"].image`. */
export const fieldText = (path: FieldPath): string =>
  path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_$][\w$-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
