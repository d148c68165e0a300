import { expect, test } from 'vitest';
import { check, type Package } from './check.ts';
import type { Layer } from './law.ts';

const pack = (short: string, layer: Layer, text = '', dependencies: string[] = [], file = 'src/x.ts'): Package => {
  const folder = `${layer === 'app' ? 'apps' : 'libs'}/${short}`;
  return {
    name: `@kasmcloud/${short}`,
    folder,
    layer,
    dependencies: new Set(dependencies),
    files: [{ path: `${folder}/${file}`, text }],
  };
};

const cases: { name: string; packages: Package[]; want: string[] }[] = [
  {
    name: 'an app may import an adapter that it declares',
    packages: [
      pack('kube', 'adapter'),
      pack('host', 'app', `import { a } from '@kasmcloud/kube';`, ['@kasmcloud/kube']),
    ],
    want: [],
  },
  {
    name: 'an undeclared import is told with the file that must declare it',
    packages: [pack('kube', 'adapter'), pack('host', 'app', `import { a } from '@kasmcloud/kube';`)],
    want: ['@kasmcloud/kube is not among the dependencies of apps/host/package.json'],
  },
  {
    name: 'core may not use node modules or npm packages',
    packages: [pack('placement', 'core', `import { a } from 'node:fs';\nimport b from 'undici';`, ['undici'])],
    want: ['may not import node:fs', 'may use no npm package, not undici'],
  },
  {
    name: 'an adapter may import observe and no other adapter',
    packages: [
      pack('observe', 'adapter'),
      pack('kube', 'adapter'),
      pack('jobs', 'adapter', `import '@kasmcloud/observe';\nimport '@kasmcloud/kube';`, [
        '@kasmcloud/observe',
        '@kasmcloud/kube',
      ]),
    ],
    want: ['may not import a adapter package (@kasmcloud/kube)'],
  },
  {
    name: 'core packages do not import each other',
    packages: [
      pack('reconcile', 'core'),
      pack('placement', 'core', `export * from '@kasmcloud/reconcile';`, ['@kasmcloud/reconcile']),
    ],
    want: ['core packages do not import each other'],
  },
  {
    name: 'a deep import is private',
    packages: [
      pack('kube', 'adapter'),
      pack('host', 'app', `import { a } from '@kasmcloud/kube/src/x.ts';`, ['@kasmcloud/kube']),
    ],
    want: ['what is not exported there is private'],
  },
  {
    name: 'testing is for tests only',
    packages: [
      pack('testing', 'testing'),
      pack('kube', 'adapter', `import '@kasmcloud/testing';`, ['@kasmcloud/testing']),
      pack('jobs', 'adapter', `import '@kasmcloud/testing';`, [], 'src/x.test.ts'),
    ],
    want: ['@kasmcloud/testing is for *.test.ts and test/ only'],
  },
  {
    name: 'Nest belongs to apps',
    packages: [pack('kube', 'adapter', `import { a } from '@nestjs/common';`, ['@nestjs/common'])],
    want: ['Nest belongs to apps'],
  },
  {
    name: 'a wire name outside its owners is a defect, a comment is not',
    packages: [
      pack(
        'host',
        'app',
        `// 'kasmcloud.io/lattice'\nconst a = 'kasmcloud.io/lattice';\nconst b = \`wasmbus.ctl.\${x}\`;`,
      ),
    ],
    want: [`apps/host/src/x.ts:2: 'kasmcloud.io/lattice' is a name on the wire`, 'apps/host/src/x.ts:3:'],
  },
  {
    name: 'a relative path may not leave the package',
    packages: [pack('host', 'app', `import { a } from '../../scheduler/src/a.ts';`)],
    want: ['../../scheduler/src/a.ts leaves apps/host'],
  },
];

test.for(cases)('$name', ({ packages, want }) => {
  const problems = check(packages);
  expect(problems).toHaveLength(want.length);
  want.forEach((text, index) => expect(problems[index]).toContain(text));
});
