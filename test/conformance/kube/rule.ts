import { create, mergePatch, type Case } from './case.ts';
import { define, definition, specOf, thing, things } from './definition.ts';
import type { JsonObject, JsonValue } from './json.ts';

type Rules = readonly JsonObject[];

/** Objects under rules of their `spec`, one after the other. */
export const ruled = (name: string, properties: JsonObject, rules: Rules, specs: readonly JsonValue[]): Case => ({
  name,
  steps: [
    ...define(definition(specOf(properties, { 'x-kubernetes-validations': rules }))),
    ...specs.map((spec, index) => create(things, thing(spec, { name: `o${index}` }))),
  ],
});

/** Changes of one object, one after the other. */
export const changed = (name: string, schema: JsonObject, first: JsonValue, patches: readonly JsonObject[]): Case => ({
  name,
  steps: [
    ...define(definition(schema)),
    create(things, thing(first)),
    ...patches.map((spec) => mergePatch(`${things}/one`, { spec })),
  ],
});

/** One expression over `self.a` after the other, as one rule each: the message tells which of them failed. */
export const table = (name: string, properties: JsonObject, expressions: readonly string[], spec: JsonObject): Case =>
  ruled(
    name,
    properties,
    expressions.map((rule) => ({ rule })),
    [spec],
  );
