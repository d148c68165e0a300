import { scalersOf, type Application } from '../application.ts';
import type { Problems } from '../problem.ts';

/** Rules that wadm lacks: it divides by the sum of the weights, and knows a spread by its name. */
export function checkScalers({ components }: Application, problems: Problems): void {
  for (const component of components) {
    const scalers = scalersOf(component);
    const [, second] = scalers;
    if (second !== undefined)
      problems.error(second.path, `Component '${component.name}' has more than one scaler trait: keep one of them`);
    for (const { spread, path } of scalers) {
      const at = [...path, 'properties', 'spread'];
      if (spread.length > 0 && spread.every(({ weight }) => weight === 0))
        problems.error(at, `Spread weights of component '${component.name}' add up to 0: give at least one above 0`);
      const names = new Set<string>();
      for (const { name, path: inside } of spread) {
        if (names.has(name))
          problems.error(inside, `Duplicate spread name found inside component '${component.name}': ${name}`);
        names.add(name);
      }
    }
  }
}
