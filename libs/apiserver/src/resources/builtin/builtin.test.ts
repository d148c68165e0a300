import { expect, test } from 'vitest';
import { compileSchema } from '../../schema/index.ts';
import { builtinResources } from './index.ts';

test.each(builtinResources.map((resource) => [`${resource.plural} ${resource.version}`, resource] as const))(
  '%s has a schema that can be enforced in full',
  (_name, { schema }) => {
    expect(() => compileSchema(schema)).not.toThrow();
  },
);
