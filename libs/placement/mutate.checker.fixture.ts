import { CheckStatus, type Checker, type CheckResult } from '@stryker-mutator/api/check';
import type { Mutant, StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';

export const NOT_DRAWN = 'not drawn';

/** What tells a mutant from all others. */
export function nameOf({ fileName, location: { start, end }, mutatorName, replacement }: Mutant): string {
  const path = fileName.slice(fileName.lastIndexOf('src/'));
  return `${path}:${start.line}:${start.column}-${end.line}:${end.column} ${mutatorName} ${replacement}`;
}

/** Lets Stryker test the mutants that were drawn, and no others. */
class DrawnChecker implements Checker {
  static readonly inject = tokens(commonTokens.options);
  readonly #drawn: ReadonlySet<unknown>;

  constructor(options: StrykerOptions) {
    this.#drawn = new Set(options['drawn'] as unknown[]);
  }

  async init(): Promise<void> {}

  async check(mutants: Mutant[]): Promise<Record<string, CheckResult>> {
    const results = mutants.map((mutant): [string, CheckResult] => [
      mutant.id,
      this.#drawn.has(nameOf(mutant))
        ? { status: CheckStatus.Passed }
        : { status: CheckStatus.CompileError, reason: NOT_DRAWN },
    ]);
    return Object.fromEntries(results);
  }

  /** All at once. */
  async group(mutants: Mutant[]): Promise<string[][]> {
    return [mutants.map(({ id }) => id)];
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'drawn', DrawnChecker)];
export const strykerValidationSchema = {
  properties: { drawn: { description: 'Names of the mutants to test.', type: 'array', items: { type: 'string' } } },
};
