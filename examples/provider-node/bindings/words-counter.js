// Written by kasmcloud-bindings; write it anew rather than change it.
const entryType = {
  kind: 'record',
  fields: [
    { name: 'word', type: { kind: 'string' } },
    { name: 'times', type: { kind: 'u32' } },
  ],
};
const tallyType = {
  kind: 'record',
  fields: [
    { name: 'words', type: { kind: 'u32' } },
    { name: 'distinct', type: { kind: 'u32' } },
    { name: 'top', type: { kind: 'option', of: entryType } },
  ],
};
const faultType = {
  kind: 'variant',
  cases: [
    { name: 'too-long', type: { kind: 'u32' } },
    { name: 'language-unknown', type: { kind: 'string' } },
  ],
};

/** example:words/counter@0.1.0 */
export const counter = {
  name: 'example:words/counter@0.1.0',
  functions: {
    count: {
      name: 'count',
      type: {
        params: [
          { name: 'text', type: { kind: 'string' } },
          { name: 'language', type: { kind: 'string' } },
        ],
        result: { kind: 'result', ok: tallyType, err: faultType },
      },
    },
  },
};
