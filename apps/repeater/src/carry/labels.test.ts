import { annotations } from '@kasmcloud/kube-api';
import { expect, test } from 'vitest';
import { labelCommands } from './labels.ts';

type Labels = Readonly<Record<string, string>>;
interface Situation {
  readonly name: string;
  /** By the host. */
  readonly told: Labels;
  /** By the object; `own` are those that it has from the host. */
  readonly said: Labels;
  readonly own?: Labels;
  readonly commands?: readonly string[];
}

const mark = (key: string): string => `given.kasmcloud.io/${key}`;
const given = (labels: Labels): Labels => ({
  ...labels,
  ...Object.fromEntries(Object.keys(labels).map((key) => [mark(key), 'true'])),
});
const situations: readonly Situation[] = [
  { name: 'nothing', told: {}, said: {} },
  { name: 'the own of the host', told: { a: '1' }, said: { a: '1' }, own: { a: '1' } },
  { name: 'a wish', told: {}, said: { a: '1' }, commands: [`${mark('a')}=true`, 'a=1'] },
  { name: 'done', told: given({ a: '1' }), said: { a: '1' } },
  {
    name: 'another value',
    told: given({ a: '1' }),
    said: { a: '2' },
    commands: [`${mark('a')}=true`, 'a=2'],
  },
  { name: 'taken back', told: given({ a: '1' }), said: {}, commands: ['a', mark('a')] },
  {
    name: 'taken back, and ended after the label',
    told: { [mark('a')]: 'true' },
    said: {},
    commands: ['a', mark('a')],
  },
  {
    name: 'given, and ended after the mark',
    told: { [mark('a')]: 'true' },
    said: { a: '1' },
    commands: [`${mark('a')}=true`, 'a=1'],
  },
  { name: 'what the host has of its own', told: { a: '9' }, said: { a: '1' } },
  { name: 'what the host had of its own a moment ago', told: {}, said: { a: '1' }, own: { a: '1' } },
  { name: 'a wish beside it', told: {}, said: { a: '2' }, own: { a: '1' }, commands: [`${mark('a')}=true`, 'a=2'] },
  { name: 'labels of the cluster', told: {}, said: { 'kasmcloud.io/cluster': 'eu', [mark('a')]: 'true' } },
  { name: 'labels that hosts refuse', told: {}, said: { 'hostcore.os': 'plan9', 'HostCore.arch': 'z80' } },
];

test.for(situations)('$name', ({ told, said, own, commands = [] }) => {
  const noted = own && { [annotations.hostLabels]: JSON.stringify(own) };
  const object = { metadata: { name: 'h', labels: said, ...(noted && { annotations: noted }) } };
  const sent = labelCommands(told, object).map(({ key, value }) => (value === undefined ? key : `${key}=${value}`));
  expect(sent).toEqual(commands);
});
