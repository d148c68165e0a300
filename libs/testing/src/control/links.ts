import { answer, done, refused, unreadable, type ControlExchange, type ControlScenario } from './exchange.ts';

const link = {
  source_id: 'web',
  target: 'store',
  name: 'default',
  wit_namespace: 'wasi',
  wit_package: 'keyvalue',
  interfaces: ['store', 'atomics'],
  source_config: [] as readonly string[],
  target_config: [] as readonly string[],
};
type Link = typeof link;
const other: Link = { ...link, target: 'store2', name: 'second' };

/** The links of `web` afterwards, as they were made. It never ran, so that nobody knows its image. */
const kept = (...links: readonly object[]): Pick<ControlExchange, 'keeps'> => ({
  keeps: { 'LATTICEDATA/COMPONENT_web': { url: '', links } },
});
const put = (one: Link, ...links: readonly object[]): ControlExchange => ({
  ask: 'link.put',
  body: one,
  reply: done('successfully set link'),
  tells: [{ name: 'linkdef_set', data: one }],
  ...kept(...links),
});
const denied = (one: Link, message: string, ...links: readonly object[]): ControlExchange => ({
  ask: 'link.put',
  body: one,
  reply: refused(message),
  tells: [{ name: 'linkdef_set_failed', data: { ...one, error: message } }],
  ...(links.length > 0 && kept(...links)),
});
const rival =
  'link already exists with different target, consider deleting the existing link or using a different link name';
const named = { source_id: 'web', name: 'default', wit_namespace: 'wasi', wit_package: 'keyvalue' };
const unlinked = (data: object) => [{ name: 'linkdef_deleted', data }];

export const linkScenarios: readonly ControlScenario[] = [
  {
    name: 'links are put, listed and deleted',
    exchanges: [
      { ask: 'link.get', reply: answer([]) },
      put(link, link),
      { ask: 'link.get', reply: answer([link]) },
      put(link, link),
      denied({ ...link, target: 'elsewhere' }, rival, link),
      denied({ ...link, target: 'elsewhere', interfaces: ['atomics', 'batch'] }, rival, link),
      put({ ...link, interfaces: ['store'] }, { ...link, interfaces: ['store'] }),
      put(other, { ...link, interfaces: ['store'] }, other),
      {
        ask: 'link.del',
        body: named,
        reply: done('successfully deleted link'),
        tells: unlinked({ ...named, target: 'store', interfaces: ['store'] }),
        ...kept(other),
      },
      { ask: 'link.get', body: 'not JSON', reply: answer([other]) },
      {
        ask: 'link.del',
        body: named,
        reply: done('successfully deleted link'),
        tells: unlinked(named),
        ...kept(other),
      },
      {
        ask: 'link.del',
        body: { ...named, name: 'second' },
        reply: done('successfully deleted link'),
        tells: unlinked({ ...named, name: 'second', target: 'store2', interfaces: ['store', 'atomics'] }),
        ...kept(),
      },
      { ask: 'link.get', reply: answer([]) },
      {
        ask: 'link.del',
        body: { ...named, source_id: 'nobody' },
        reply: done('successfully deleted link'),
        tells: unlinked({ ...named, source_id: 'nobody' }),
        wasmcloud: {
          reply: done("successfully deleted link (spec doesn't exist)"),
          tells: [],
          because: 'links are resources: there is no entry of the source that could be missing',
        },
      },
    ],
  },
  {
    name: 'links with config',
    exchanges: [
      {
        ...denied({ ...link, target_config: ['settings'] }, 'Failed to validate configuration and secrets. …'),
      },
      {
        ask: 'config.put.settings',
        body: { color: 'red' },
        reply: done('successfully put config'),
        tells: [{ name: 'config_set', data: { config_name: 'settings' } }],
      },
      put({ ...link, target_config: ['settings'] }, { ...link, target_config: ['settings'] }),
      {
        ask: 'link.del',
        body: { source_id: 'web', wit_namespace: 'wasi', wit_package: 'keyvalue' },
        reply: done('successfully deleted link'),
        tells: unlinked({ ...named, target: 'store', interfaces: ['store', 'atomics'] }),
        ...kept(),
      },
      {
        ask: 'config.del.settings',
        reply: done('successfully deleted config'),
        tells: [{ name: 'config_deleted', data: { config_name: 'settings' } }],
      },
    ],
  },
  {
    name: 'links that nothing could use',
    exchanges: [{ interfaces: [] }, { target: 'a b' }, { wit_package: 'Key Value' }].flatMap((part) => {
      const one: Link = { ...link, ...part };
      const { target, interfaces, wit_package } = one;
      return [
        {
          ...denied(
            one,
            'a link has ids of letters, digits, - and _, WIT names of small letters, digits and -, and 1 to 32 interfaces',
          ),
          wasmcloud: {
            reply: done('successfully set link'),
            tells: [{ name: 'linkdef_set', data: one }],
            ...kept(one),
            because: 'what no call could use is refused when it is put',
          },
        },
        {
          ask: 'link.del',
          body: { ...named, wit_package },
          reply: done('successfully deleted link'),
          tells: unlinked({ ...named, wit_package }),
          wasmcloud: {
            tells: unlinked({ ...named, wit_package, target, interfaces }),
            ...kept(),
            because: 'there it was put',
          },
        },
      ];
    }),
  },
  {
    name: 'links that cannot be read',
    exchanges: [
      ...['', 'no', '[]', '{}'].map((body) => ({ ask: 'link.put', body, ...unreadable('wrpc link definition') })),
      ...(['source_id', 'target', 'wit_namespace', 'wit_package', 'interfaces'] as const).flatMap((field) => [
        { ask: 'link.put', body: { ...link, [field]: undefined }, ...unreadable('wrpc link definition') },
        { ask: 'link.put', body: { ...link, [field]: 7 }, ...unreadable('wrpc link definition') },
      ]),
      { ask: 'link.put', body: { ...link, target_config: 'settings' }, ...unreadable('wrpc link definition') },
      { ask: 'link.put', body: { ...link, interfaces: [1] }, ...unreadable('wrpc link definition') },
      ...['', 'no', '{}', '{"source_id":"web"}', '{"source_id":"web","wit_namespace":"wasi","wit_package":1}'].map(
        (body) => ({ ask: 'link.del', body, ...unreadable('wrpc link definition') }),
      ),
      { ask: 'link.get', reply: answer([]) },
    ],
  },
];
