import type { FuncType, WitType } from '@kasmcloud/wrpc';

/** The types that a type is directly made of. */
const partsOf = (type: WitType): readonly WitType[] => {
  if (type.kind === 'list' || type.kind === 'option') return [type.of];
  if (type.kind === 'tuple') return type.of;
  if (type.kind === 'record') return type.fields.map((field) => field.type);
  if (type.kind === 'variant') return type.cases.flatMap((one) => one.type ?? []);
  if (type.kind === 'result') return [type.ok, type.err].filter((part) => part !== undefined);
  if (type.kind === 'stream' || type.kind === 'future') return type.of === undefined ? [] : [type.of];
  return [];
};

/** Whether `test` holds for the type or for something in it. */
export const someType = (type: WitType, test: (part: WitType) => boolean): boolean =>
  test(type) || partsOf(type).some((part) => someType(part, test));

/** Whether `test` holds for something in a parameter or in the result. */
export const someTypeOf = ({ params, result }: FuncType, test: (part: WitType) => boolean): boolean =>
  params.some(({ type }) => someType(type, test)) || (result !== undefined && someType(result, test));

export const isHandle = (type: WitType): type is Extract<WitType, { resource: string }> =>
  type.kind === 'own' || type.kind === 'borrow';

export const isStreaming = (type: WitType): boolean => type.kind === 'stream' || type.kind === 'future';
