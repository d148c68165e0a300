import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  componentAuction,
  decodeAcknowledgement,
  decodeLinksReply,
  deleteLinkCommand,
  hostLabel,
  scaleComponentCommand,
  startProviderCommand,
  stopHostCommand,
  stopProviderCommand,
  updateComponentCommand,
} from './commands.ts';
import { ctlDone, ctlRefused } from './control.ts';
import { WireError } from './error.ts';
import { decodeJson, encodeJson } from './payload.ts';

const read = <T>(schema: z.ZodType<T>, value: object): T => decodeJson('command', schema, encodeJson(value));

/** The error that a decoder must not throw. */
const faultOf = (run: () => unknown): string => {
  try {
    run();
    return 'none';
  } catch (error) {
    return error instanceof WireError ? 'none' : String(error);
  }
};

describe('commands', () => {
  test('a component is named by its id alone; without a count it is stopped', () => {
    expect(read(scaleComponentCommand, { component_id: 'hello', max_instances: 5 })).toEqual({
      component_id: 'hello',
      component_ref: '',
      count: 0,
      host_id: '',
      config: [],
      allow_update: false,
    });
    expect(() => read(scaleComponentCommand, { component_ref: 'r:1', count: 1 })).toThrow(/component_id/);
    expect(() => read(scaleComponentCommand, { component_id: 'hello', count: 2 ** 32 })).toThrow(WireError);
  });

  test('a provider to stop may be named as old clients do', () => {
    expect(read(stopProviderCommand, { provider_ref: 'http' }).provider_id).toBe('http');
    expect(read(stopProviderCommand, { provider_id: 'http', provider_ref: 'x' }).provider_id).toBe('http');
    expect(() => read(stopProviderCommand, { host_id: 'N' })).toThrow(/provider_id/);
  });

  test('a link to delete has the name `default` when it has none', () => {
    expect(read(deleteLinkCommand, { source_id: 'a', wit_namespace: 'wasi', wit_package: 'http' }).name).toBe(
      'default',
    );
  });

  test('whatever arrives is read or refused', () => {
    const schemas: z.ZodType[] = [
      scaleComponentCommand,
      updateComponentCommand,
      startProviderCommand,
      stopProviderCommand,
      componentAuction,
      hostLabel,
      stopHostCommand,
      deleteLinkCommand,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...schemas), fc.jsonValue(), (schema, value) => {
        expect(faultOf(() => decodeJson('command', schema, new TextEncoder().encode(JSON.stringify(value))))).toBe(
          'none',
        );
      }),
    );
  });
});

test('answers are read as they are written', () => {
  expect(decodeAcknowledgement(encodeJson(ctlDone('successfully put label')))).toEqual({
    success: true,
    message: 'successfully put label',
  });
  expect(decodeAcknowledgement(encodeJson(ctlRefused('no'))).success).toBe(false);
  const link = { source_id: 'a', target: 'b', wit_namespace: 'wasi', wit_package: 'http', interfaces: ['x'] };
  const { response } = decodeLinksReply(encodeJson({ success: true, message: '', response: [link] }));
  expect(response).toEqual([{ ...link, name: 'default', source_config: [], target_config: [] }]);
});
