/** The part of a zod schema that is needed here; this library does not import zod. */
export interface EnvSchema<T> {
  safeParse(
    input: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly EnvIssue[] } };
}

export interface EnvIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export interface EnvProblem {
  /** Name of the variable; empty when the problem is of several together. */
  readonly variable: string;
  readonly message: string;
}

/** The environment of the process cannot be used. Values are not repeated: they may be secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly EnvProblem[];

  constructor(problems: readonly EnvProblem[]) {
    const lines = problems.map(({ variable, message }) => `  ${variable === '' ? message : `${variable}: ${message}`}`);
    super(
      `the environment has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${lines.join('\n')}`,
    );
    this.problems = problems;
  }
}

/**
 * The environment as a typed configuration. All problems are reported together, each with its variable's name.
 * An empty variable counts as unset, as shells and compose files mean it.
 *
 * @throws {ConfigError}
 */
export const parseEnv = <T>(schema: EnvSchema<T>, env: Readonly<Record<string, string | undefined>>): T => {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(set);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map(({ path, message }) => ({ variable: path.map(String).join('.'), message })),
  );
};
