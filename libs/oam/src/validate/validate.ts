import type { Application } from '../application.ts';
import type { Problems } from '../problem.ts';
import { checkComponents, checkNames } from './components.ts';
import {
  checkCustomLinks,
  checkDeprecated,
  checkDuplicateLinks,
  checkLinkTargets,
  checkOurLinkRules,
} from './links.ts';
import { checkScalers } from './scalers.ts';
import { checkSecrets } from './secrets.ts';
import { checkShared } from './shared.ts';

/** Every rule of wadm's `validate_manifest` in its order, then the rules that only we have. */
export function validate(application: Application, problems: Problems): void {
  checkNames(application, problems);
  checkComponents(application, problems);
  checkLinkTargets(application, problems);
  checkCustomLinks(application, problems);
  checkSecrets(application, problems);
  checkShared(application, problems);
  checkDuplicateLinks(application, problems);
  checkDeprecated(application, problems);
  checkScalers(application, problems);
  checkOurLinkRules(application, problems);
}
