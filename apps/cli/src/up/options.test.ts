import { expect, test } from 'vitest';
import { parseUpOptions, upDefaults } from './options.ts';

test('the defaults are a hub, two members in two regions and two hosts each', () => {
  expect(parseUpOptions(upDefaults, '/home/x')).toEqual({
    demo: false,
    once: false,
    json: false,
    leaf: false,
    state: '/home/x/.kasmcloud',
    restPort: undefined,
    hub: { name: 'hub' },
    members: [
      { name: 'eu-1', region: 'eu' },
      { name: 'us-1', region: 'us' },
    ],
    existing: false,
    hostsPerCluster: 2,
    mapPorts: false,
  });
});

const refused = [
  { name: 'no member', options: { clusters: ['hub'] }, message: 'name one member at least' },
  { name: 'a hub with a region', options: { clusters: ['hub:eu,a:eu'] }, message: 'the first one is the hub' },
  { name: 'a name twice', options: { clusters: ['hub,a:eu,a:us'] }, message: 'a is named twice' },
  { name: 'a bad name', options: { clusters: ['hub,A_1:eu'] }, message: '"A_1:eu" is not name or name:region' },
  { name: 'a bad port', options: { restPort: '80000' }, message: '--rest-port: "80000" is not a whole number' },
  { name: 'a story in one region', options: { demo: true, clusters: ['hub,a:eu'] }, message: 'no member is in us' },
  { name: 'once without demo', options: { once: true }, message: '--once tells the story of --demo' },
];
test.for(refused)('$name is refused', ({ options, message }) => {
  expect(() => parseUpOptions({ ...upDefaults, ...options }, '/')).toThrow(message);
});
