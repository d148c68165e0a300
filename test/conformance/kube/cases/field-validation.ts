import { configMap, create, inNamespace, jsonPatch, mergePatch, strategicPatch, update, type Suite } from '../case.ts';
import { define, definition, specOf, thing, things } from '../definition.ts';
import { deploymentOfOne as deployment } from '../stored.ts';

const path = inNamespace('configmaps');
const deployments = inNamespace('deployments', 'apps/v1');

const modes = ['Strict', 'Warn', 'Ignore', 'Odd'];

export const fieldValidation: Suite = {
  name: 'field-validation',
  cases: [
    {
      name: 'field validation: unknown field of a built-in kind',
      steps: modes.map((mode, index) =>
        create(`${path}?fieldValidation=${mode}`, {
          ...configMap(`o${index}`),
          odd: 1,
          metadata: { name: `o${index}`, strange: { a: 1 } },
        }),
      ),
    },
    {
      name: 'field validation: duplicate key',
      steps: modes
        .slice(0, 3)
        .map((mode, index) =>
          create(
            `${path}?fieldValidation=${mode}`,
            `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"o${index}"},"data":{"a":"1","a":"2"}}`,
          ),
        ),
    },
    {
      name: 'field validation: deep in a deployment',
      steps: modes.slice(0, 3).map((mode) =>
        create(
          `${deployments}?dryRun=All&fieldValidation=${mode}`,
          deployment({
            odd: 1,
            template: {
              metadata: { labels: { app: 'a' } },
              spec: { containers: [{ name: 'a', image: 'i', imagee: 'x' }] },
            },
          }),
        ),
      ),
    },
    {
      name: 'field validation: unknown field of a custom resource',
      steps: [
        ...define(definition(specOf({ a: { type: 'string' } }))),
        ...modes
          .slice(0, 3)
          .map((mode, index) =>
            create(
              `${things}?fieldValidation=${mode}`,
              thing({ a: 'x', odd: 1, deep: { er: 1 } }, { name: `o${index}`, odd: 1 }),
            ),
          ),
        create(
          `${things}?fieldValidation=Strict`,
          '{"apiVersion":"<group>/v1","kind":"Thing","metadata":{"name":"dup"},"spec":{"a":"1","a":"2"}}',
        ),
        create(
          `${things}?fieldValidation=Warn`,
          '{"apiVersion":"<group>/v1","kind":"Thing","metadata":{"name":"dup"},"spec":{"a":"1","a":"2"}}',
        ),
      ],
    },
    {
      name: 'field validation: in patches',
      steps: [
        create(path, configMap('one'), { unseen: true }),
        mergePatch(`${path}/one?fieldValidation=Strict`, { odd: 1 }),
        mergePatch(`${path}/one?fieldValidation=Warn`, { odd: 1 }),
        jsonPatch(`${path}/one?fieldValidation=Strict`, [{ op: 'add', path: '/odd', value: 1 }]),
        strategicPatch(`${path}/one?fieldValidation=Strict`, { odd: 1 }),
        update(`${path}/one?fieldValidation=Strict`, { ...configMap('one'), odd: 1 }),
      ],
    },
  ],
};
