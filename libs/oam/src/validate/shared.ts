import { scalersOf, type Application } from '../application.ts';
import type { Problems } from '../problem.ts';

/** A component is an image or a reference to another application's component; a reference brings nothing of its own. */
export function checkShared({ components }: Application, problems: Problems): void {
  for (const component of components) {
    const { image, shared, config, secrets, path } = component;
    const at = [...path, 'properties'];
    if (image !== undefined && shared !== undefined)
      problems.error(at, "Component cannot have both 'image' and 'application' properties");
    else if (image === undefined && shared === undefined)
      problems.error(at, "Component must have either 'image' or 'application' property");
    else if (shared !== undefined) {
      const { application } = shared;
      if (config.length > 0)
        problems.error([...at, 'config'], `Shared component '${application}' cannot specify additional 'config'`);
      else if (secrets.length > 0)
        problems.error([...at, 'secrets'], `Shared component '${application}' cannot specify additional 'secrets'`);
      else if (scalersOf(component).length > 0)
        problems.error([...path, 'traits'], `Shared component '${application}' cannot include a scaler trait`);
    }
  }
}
