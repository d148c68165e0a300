import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ageOf, compileJsonPath, humanAge, JsonPathError, renderTable } from './index.ts';

const now = new Date('2026-03-01T12:00:00Z');

describe('renderTable', () => {
  const object = {
    apiVersion: 'kasmcloud.io/v1alpha1',
    kind: 'WasmCloudDistribution',
    metadata: { name: 'echo', namespace: 'prod', creationTimestamp: '2026-03-01T11:55:00Z' },
    spec: { replicas: 3, list: [{ b: 1, a: '<' }] },
    status: { ready: true, conditions: [{ type: 'Ready', status: 'True' }] },
  };
  const columns = [
    { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'List', type: 'string', jsonPath: '.spec.list', priority: 1, description: 'all of it' },
    { name: 'Missing', type: 'string', jsonPath: '.spec.none' },
    { name: 'WrongType', type: 'boolean', jsonPath: '.spec.replicas' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ];

  test('cells by type', () => {
    const table = renderTable([object], columns, { includeObject: 'None', now, listMeta: { resourceVersion: '7' } });
    expect(table['rows']).toEqual([
      { cells: ['echo', 3, 'True', '[{"a":"\\u003c","b":1}]', null, null, '5m'], object: null },
    ]);
    expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: '7' } });
  });

  test('column definitions', () => {
    const table = renderTable([], columns, { includeObject: 'None', now, listMeta: {} });
    expect(table['rows']).toEqual([]);
    expect(table['columnDefinitions']).toMatchObject([
      { name: 'Name', type: 'string', format: 'name', priority: 0 },
      {
        name: 'Replicas',
        type: 'integer',
        format: '',
        description: 'Custom resource definition column (in JSONPath format): .spec.replicas',
        priority: 0,
      },
      { name: 'Ready' },
      { name: 'List', description: 'all of it', priority: 1 },
      { name: 'Missing' },
      { name: 'WrongType' },
      { name: 'Age', type: 'date' },
    ]);
  });

  test('without columns, the age', () => {
    const { metadata } = object;
    const table = renderTable([object], [], { includeObject: 'Metadata', now, listMeta: {} });
    expect(table['rows']).toEqual([
      {
        cells: ['echo', '5m'],
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
      },
    ]);
  });

  test('whole objects', () => {
    const table = renderTable([object], [], { includeObject: 'Object', now, listMeta: {} });
    expect(table['rows']).toMatchObject([{ object }]);
  });
});

describe('compileJsonPath', () => {
  const document = {
    a: { 'b.c/d': 1, e: [10, 20, 30], n: null },
    list: [
      { name: 'x', v: 1, tags: ['p'] },
      { name: 'y', v: 2 },
      { name: 'z)', v: 2.5, on: true },
    ],
  };

  test.for<[path: string, want: unknown[]]>([
    ['.a.e', [[10, 20, 30]]],
    ['$.a.e[0]', [10]],
    ['.a.e[-1]', [30]],
    ['.a.e[9]', []],
    ['.a.e[0:2]', [10, 20]],
    ['.a.e[::2]', [10, 30]],
    ['.a.e[*]', [10, 20, 30]],
    ['.a.e[0,2]', [10, 30]],
    ["['a']['b\\.c/d']", [1]],
    ['.a.b\\.c/d', [1]],
    ['.a.n', [null]],
    ['.a.n.x', []],
    ['.a.constructor', []],
    ['.list[?(@.name=="y")].v', [2]],
    ['.list[?(@.name=="z)")].v', [2.5]],
    ["['list'][?(@.name=='y')].v", [2]],
    ['.list[?(@.v>=2)].name', ['y', 'z)']],
    ['.list[?(@.v!=2)].name', ['x', 'z)']],
    ['.list[?(@.on==true)].name', ['z)']],
    ['.list[?(@.tags)].name', ['x']],
    ['.list[?(@.tags[0]=="p")].name', ['x']],
    ['..tags', [['p']]],
    ['.list.*.v', [1, 2, 2.5]],
  ])('%s', ([path, want]) => {
    expect(compileJsonPath(path)(document)).toEqual(want);
  });

  test.for(['.a[', '.a[x]', '.a[?(@.b', 'a b', '.a[]', '.a[::0]', '{.a}'])('refuses %s', (path) => {
    expect(() => compileJsonPath(path)).toThrow(JsonPathError);
  });

  test('garbage throws nothing but JsonPathError', () => {
    const garbage = fc.string({ unit: fc.constantFrom(...Array.from('.[]?()@$*:,\'"\\ab0-=<! ')), maxLength: 24 });
    fc.assert(
      fc.property(garbage, (path) => {
        expect(outcome(path)).toSatisfy((result) => Array.isArray(result) || result instanceof JsonPathError);
      }),
    );
  });
});

function outcome(path: string): unknown {
  try {
    return compileJsonPath(path)({ a: [{ b: 0 }, 1], b: { a: '0' } });
  } catch (error) {
    return error;
  }
}

describe('age', () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const day = 24 * hour;

  test.for<[elapsedMs: number, want: string]>([
    [-5 * second, '<invalid>'],
    [-1 * second, '0s'],
    [0, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [3 * minute + 20 * second, '3m20s'],
    [10 * minute + 20 * second, '10m'],
    [179 * minute, '179m'],
    [3 * hour + 12 * minute, '3h12m'],
    [9 * hour + 12 * minute, '9h'],
    [47 * hour, '47h'],
    [3 * day + 4 * hour, '3d4h'],
    [3 * day, '3d'],
    [100 * day, '100d'],
    [800 * day, '2y70d'],
    [10 * 365 * day, '10y'],
  ])('%d ms is %s', ([elapsedMs, want]) => {
    expect(humanAge(elapsedMs)).toBe(want);
  });

  test.for<[time: unknown, want: string]>([
    [undefined, '<unknown>'],
    ['', '<unknown>'],
    ['yesterday', '<invalid>'],
    ['2026-03-01T11:00:00Z', '60m'],
    ['2026-03-01T13:00:00+02:00', '60m'],
  ])('of %s is %s', ([time, want]) => {
    expect(ageOf(time, now)).toBe(want);
  });
});
