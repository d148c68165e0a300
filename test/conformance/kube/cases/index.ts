import type { Suite } from '../case.ts';
import { access } from './access.ts';
import { applies } from './applies.ts';
import { badInput } from './bad-input.ts';
import { controllers } from './controllers.ts';
import { coreObjects } from './core-objects.ts';
import { customObjects } from './custom-objects.ts';
import { definitionCases } from './definitions.ts';
import { deletions } from './deletions.ts';
import { discovery } from './discovery.ts';
import { lists } from './lists.ts';
import { product } from './product.ts';
import { rules } from './rules.ts';
import { tables } from './tables.ts';
import { watches } from './watches.ts';
import { writes } from './writes.ts';

/** Everything that both servers must answer alike. */
export const suites: readonly Suite[] = [
  discovery,
  coreObjects,
  definitionCases,
  customObjects,
  rules,
  product,
  lists,
  watches,
  writes,
  applies,
  deletions,
  tables,
  access,
  controllers,
  badInput,
];
