import { ComponentError } from '../error.ts';

/**
 * jco 1.24 to 1.35 (jco-transpile 0.15): when a host function throws and its WIT type has no `result`, the generated code
 * waits for a promise that nobody settles, and the instance with it. Measured; the export side has the same ending.
 */
const hang = /(task\.reject\(err\);\s*task\.exit\(\);\s*)return task\.completionPromise\(\);/g;

/**
 * The generated code with those endings throwing the error instead.
 * @throws ComponentError when their number is not `expected`: a new generator must not drop the repair silently.
 */
export const patchHangs = (code: string, expected: number): string => {
  let found = 0;
  const patched = code.replace(hang, (_all, before: string) => {
    found += 1;
    return `${before}throw err;`;
  });
  if (found !== expected)
    throw new ComponentError(`generated code has ${found} places to repair, ${expected} were expected`);
  return patched;
};
