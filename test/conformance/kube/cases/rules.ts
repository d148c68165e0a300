import { create, mergePatch, update, type Suite } from '../case.ts';
import { define, definition, specOf, thing, things } from '../definition.ts';
import { changed, ruled, table } from '../rule.ts';

const text = { type: 'string', maxLength: 100 };
const number = { type: 'integer' };

export const rules: Suite = {
  name: 'rules',
  cases: [
    ruled(
      'message',
      { a: text, n: number },
      [{ rule: 'self.n > 1', message: 'n must be more than 1' }],
      [{ a: 'x', n: 1 }, { n: 2 }],
    ),
    ruled('no message', { n: number }, [{ rule: 'self.n > 1' }], [{ n: 1 }]),
    ruled(
      'message expression',
      { a: text, n: number },
      [{ rule: 'self.n > 1', messageExpression: "'n is too small for ' + self.a" }],
      [{ a: 'x', n: 1 }],
    ),
    ruled(
      'reason and fieldPath',
      { n: number, a: text },
      [
        { rule: 'self.n > 1', reason: 'FieldValueForbidden', fieldPath: '.n' },
        { rule: "self.a != 'x'", reason: 'FieldValueRequired', fieldPath: '.a' },
        { rule: "self.a != 'x'", reason: 'FieldValueDuplicate' },
      ],
      [{ n: 1, a: 'x' }],
    ),
    ruled('field that is absent', { a: text, n: number }, [{ rule: 'self.n > 1' }], [{ a: 'x' }]),
    ruled(
      'has',
      { a: text, n: number },
      [{ rule: 'has(self.a) || has(self.n)', message: 'one of them' }],
      [{}, { a: 'x' }],
    ),
    ruled(
      'two rules at once',
      { a: text, n: number },
      [
        { rule: "self.a == 'x'", message: 'a' },
        { rule: 'self.n == 1', message: 'n' },
      ],
      [{ a: 'y', n: 2 }],
    ),
    ruled(
      'rules wait for the schema',
      { a: text, n: { type: 'integer', maximum: 5 } },
      [{ rule: 'self.n > 7', message: 'rule' }],
      [{ n: 6 }, { n: 'x' }],
    ),
    ruled(
      'division by zero',
      { n: number },
      [{ rule: '10 / self.n > 1', message: 'm' }],
      [{ n: 0 }, { n: 2 }, { n: 10 }],
    ),
    table('all of them fail', { n: number }, ['self.n > 10', 'self.n < 1', 'self.n == 8', 'self.n != 7'], { n: 7 }),
    changed(
      'transition: only upwards',
      specOf(
        { n: number },
        { 'x-kubernetes-validations': [{ rule: 'self.n >= oldSelf.n', message: 'n may not fall' }] },
      ),
      { n: 5 },
      [{ n: 6 }, { n: 4 }, { n: 6 }],
    ),
    changed(
      'transition: immutable field',
      specOf({
        a: {
          type: 'string',
          maxLength: 10,
          'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'a is immutable' }],
        },
        b: text,
      }),
      { a: 'x' },
      [{ a: 'y' }, { a: null }, { a: 'z' }, { b: 'q' }],
    ),
    changed(
      'transition: cannot be taken away',
      specOf(
        { a: text },
        { 'x-kubernetes-validations': [{ rule: '!has(oldSelf.a) || has(self.a)', message: 'a stays' }] },
      ),
      {},
      [{ a: 'x' }, { a: null }],
    ),
    changed(
      'transition: entries of a list map',
      specOf({
        l: {
          type: 'array',
          maxItems: 5,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: {
            type: 'object',
            required: ['k'],
            properties: {
              k: text,
              v: {
                type: 'integer',
                'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'v may not fall' }],
              },
            },
          },
        },
      }),
      {
        l: [
          { k: 'a', v: 3 },
          { k: 'b', v: 1 },
        ],
      },
      [
        {
          l: [
            { k: 'b', v: 2 },
            { k: 'a', v: 3 },
          ],
        },
        { l: [{ k: 'a', v: 2 }] },
        { l: [{ k: 'c', v: 0 }] },
      ],
    ),
    changed(
      'transition: optional old value',
      specOf(
        { a: text },
        {
          'x-kubernetes-validations': [
            {
              rule: "oldSelf.hasValue() ? self.a == oldSelf.value().a : self.a == 'first'",
              optionalOldSelf: true,
              message: 'm',
            },
          ],
        },
      ),
      { a: 'second' },
      [{ a: 'x' }],
    ),
    changed(
      'ratcheting: what does not change is not judged',
      specOf({
        a: {
          type: 'string',
          maxLength: 20,
          'x-kubernetes-validations': [{ rule: "self.startsWith('x')", message: 'm' }],
        },
        b: text,
      }),
      { a: 'xa' },
      [{ b: 'c' }, { a: 'y' }],
    ),
    {
      name: 'rules of metadata',
      steps: [
        ...define(
          definition({
            ...specOf({ a: text }),
            'x-kubernetes-validations': [{ rule: "self.metadata.name.startsWith('good')", message: 'name' }],
          }),
        ),
        create(things, thing({}, { name: 'bad' })),
        create(things, thing({}, { name: 'good-1' })),
        create(things, thing({}, { name: '', generateName: 'good-' })),
      ],
    },
    {
      name: 'rules of the status',
      steps: [
        ...define(
          definition(
            {
              type: 'object',
              properties: {
                spec: { type: 'object', properties: { n: number } },
                status: {
                  type: 'object',
                  properties: {
                    n: {
                      type: 'integer',
                      'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'status may not fall' }],
                    },
                  },
                },
              },
            },
            { subresources: { status: {} } },
          ),
        ),
        create(things, thing({ n: 1 })),
        mergePatch(`${things}/one/status`, { status: { n: 3 } }),
        mergePatch(`${things}/one/status`, { status: { n: 2 } }),
        mergePatch(`${things}/one`, { spec: { n: 2 } }),
      ],
    },
    {
      name: 'rules in a dry run and in an update',
      steps: [
        ...define(
          definition(specOf({ n: number }, { 'x-kubernetes-validations': [{ rule: 'self.n > 1', message: 'm' }] })),
        ),
        create(`${things}?dryRun=All`, thing({ n: 1 })),
        create(things, thing({ n: 2 }), { save: { rv: 'metadata.resourceVersion' } }),
        update(`${things}/one`, thing({ n: 1 }, { resourceVersion: '<rv>' })),
      ],
    },
  ],
};
