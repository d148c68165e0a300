import type { FuncType, WitType } from '@kasmcloud/wrpc';

/** Short forms for the types that the built-in capabilities serve. */
export const string: WitType = { kind: 'string' };
export const u32: WitType = { kind: 'u32' };
export const u64: WitType = { kind: 'u64' };
export const bool: WitType = { kind: 'bool' };
export const bytes: WitType = { kind: 'list', of: { kind: 'u8' } };

export const list = (of: WitType): WitType => ({ kind: 'list', of });
export const option = (of: WitType): WitType => ({ kind: 'option', of });
export const tuple = (...of: WitType[]): WitType => ({ kind: 'tuple', of });
export const record = (fields: Record<string, WitType>): WitType => ({
  kind: 'record',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});

/** A function of those parameters that returns a `result`. */
export const fallible = (params: Record<string, WitType>, ok: WitType | undefined, err: WitType): FuncType => ({
  params: Object.entries(params).map(([name, type]) => ({ name, type })),
  result: { kind: 'result', err, ...(ok !== undefined && { ok }) },
});
