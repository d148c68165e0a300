import { forbidden } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { times } from './size.ts';

/** Most that one rule may be estimated to cost, and all rules of a schema. Source: k8s.io/apiextensions-apiserver validation. */
const maxRuleCost = 10_000_000;
const maxSchemaCost = 100_000_000;

/** A rule that takes so large a part of what all may cost is named when they are too costly together. */
const largePart = 100;
const namedAtMost = 4;

/** Adds up what the rules of a schema cost at most, and refuses what is too much. */
export class RuleBudget {
  #total = 0;
  #large: { readonly path: string; readonly cost: number }[] = [];

  /**
   * Notes an expression, and says why it is refused, if it is.
   * @param often how many values of one request it may have to look at
   */
  note(path: string, what: 'rule' | 'messageExpression', cost: number, often: number): readonly FieldError[] {
    const whole = times(cost, often);
    this.#total += whole;
    if (whole >= maxSchemaCost / largePart) {
      this.#large.push({ path, cost: whole });
      this.#large = this.#large.toSorted((a, b) => b.cost - a.cost).slice(0, namedAtMost);
    }
    return whole > maxRuleCost ? [forbidden(path, tooMuch(`estimated ${what} cost`, whole, maxRuleCost))] : [];
  }

  /** Why all rules together are refused, if they are. */
  errors(path: string): readonly FieldError[] {
    if (this.#total <= maxSchemaCost) return [];
    const why =
      'contributed to estimated rule & messageExpression cost total exceeding cost limit for entire OpenAPIv3 schema';
    const what = 'estimated rule & messageExpression cost total for entire OpenAPIv3 schema';
    return [
      ...this.#large.map((each) => forbidden(each.path, why)),
      forbidden(path, tooMuch(what, this.#total, maxSchemaCost)),
    ];
  }
}

function tooMuch(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
  return (
    `${what} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and ` +
    'maxLength where arrays, maps, and strings are declared)'
  );
}
