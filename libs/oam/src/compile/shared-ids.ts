import { isFields } from '../parse/reader.ts';

/**
 * Finds the explicit id of a component that another application shares, in that application as it is deployed.
 * `applicationOf` finds an Application by its name in the same lattice.
 */
export const sharedIds =
  (applicationOf: (name: string) => { readonly spec: unknown } | undefined) =>
  (application: string, component: string): string | undefined => {
    const spec = applicationOf(application)?.spec;
    const components = isFields(spec) && Array.isArray(spec['components']) ? spec['components'] : [];
    for (const one of components) {
      if (!isFields(one) || one['name'] !== component || !isFields(one['properties'])) continue;
      const id = one['properties']['id'];
      return typeof id === 'string' ? id : undefined;
    }
    return undefined;
  };
