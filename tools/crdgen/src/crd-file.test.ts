import { kinds } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { crdFile } from './crd-file.ts';

test.for(kinds.map((kind) => ({ kind: kind.kind, definition: kind })))(
  '$kind: the file is its CRD',
  ({ definition }) => {
    const [name, text] = crdFile(definition);
    const crd = parse(text) as { kind: string; metadata: { name: string } };
    expect(name).toBe(`${definition.group}_${definition.plural}.yaml`);
    expect(crd.kind).toBe('CustomResourceDefinition');
    expect(crd.metadata.name).toBe(`${definition.plural}.${definition.group}`);
  },
);
