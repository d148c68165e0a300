import type { Suite } from '../case.ts';
import { access } from './access.ts';
import { applies } from './applies.ts';
import { badInput } from './bad-input.ts';
import { byHost } from './by-host.ts';
import { controllers } from './controllers.ts';
import { coreObjects } from './core-objects.ts';
import { customObjects } from './custom-objects.ts';
import { customSubresources } from './custom-subresources.ts';
import { definitionCases } from './definitions.ts';
import { definitionLife } from './definition-life.ts';
import { definitionRules } from './definition-rules.ts';
import { definitionSchemas } from './definition-schemas.ts';
import { deletions } from './deletions.ts';
import { discovery } from './discovery.ts';
import { edges } from './edges.ts';
import { fieldValidation } from './field-validation.ts';
import { lists } from './lists.ts';
import { mergingWorkloads } from './merging-workloads.ts';
import { pages } from './pages.ts';
import { patches } from './patches.ts';
import { product } from './product.ts';
import { ruleCosts } from './rule-costs.ts';
import { ruleDetails } from './rule-details.ts';
import { ruleLibrary } from './rule-library.ts';
import { rules } from './rules.ts';
import { tables } from './tables.ts';
import { watches } from './watches.ts';
import { workloads } from './workloads.ts';
import { writes } from './writes.ts';

/** Everything that both servers must answer alike. */
export const suites: readonly Suite[] = [
  discovery,
  coreObjects,
  workloads,
  definitionCases,
  definitionSchemas,
  definitionRules,
  definitionLife,
  customObjects,
  customSubresources,
  rules,
  ruleDetails,
  ruleLibrary,
  ruleCosts,
  product,
  byHost,
  lists,
  pages,
  watches,
  writes,
  patches,
  fieldValidation,
  applies,
  mergingWorkloads,
  deletions,
  tables,
  access,
  controllers,
  badInput,
  edges,
];
