import { type KubeObject, type StringMap, asList, asObject, asStrings } from '../object.ts';
import type { JsonObject } from '../schema/json.ts';
import { badRequest } from '../status.ts';
import type { LabelPair } from '../store/bucket.ts';
import { type LabelRequirement, parseLabelSelector } from './label-selector.ts';
import type { Resource } from './resource.ts';

export type Match = (object: KubeObject) => boolean;

export function matchesLabels(requirements: readonly LabelRequirement[], labels: StringMap): boolean {
  return requirements.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'in':
        return value !== undefined && values.includes(value);
      case 'notin':
        return value === undefined || !values.includes(value);
      case 'exists':
        return value !== undefined;
      case 'absent':
        return value === undefined;
      case 'above':
        return value !== undefined && /^-?\d+$/.test(value) && Number(value) > Number(values[0]);
      case 'below':
        return value !== undefined && /^-?\d+$/.test(value) && Number(value) < Number(values[0]);
    }
  });
}

const expressionOperators: Readonly<Record<string, LabelRequirement['operator']>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: 'absent',
};

/** Whether a `LabelSelector` object selects these labels; an unknown operator selects nothing. */
export function matchesSelector(selector: JsonObject, labels: StringMap): boolean {
  const equal = Object.entries(asObject(selector['matchLabels'])).map(([key, value]): LabelRequirement => ({
    key,
    operator: 'in',
    values: asStrings([value]),
  }));
  const expressions = asList(selector['matchExpressions']).map((item) => asObject(item));
  return (
    matchesLabels(equal, labels) &&
    expressions.every(({ key, operator, values }) => {
      const known = typeof operator === 'string' ? expressionOperators[operator] : undefined;
      return (
        known !== undefined &&
        typeof key === 'string' &&
        matchesLabels([{ key, operator: known, values: asStrings(values) }], labels)
      );
    })
  );
}

/** Reads a field selector, `a=b,c!=d`, against what the resource can be selected by. Throws a 400. */
export function parseFieldSelector(text: string, resource: Resource): Match {
  const tests = splitEscaped(text).map((term) => fieldTest(term, text, resource));
  return (object) => tests.every((test) => test(object));
}

function fieldTest(term: string, text: string, resource: Resource): Match {
  const match = /^([^=!]*)(==|=|!=)(.*)$/s.exec(term);
  if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
  const [, label = '', sign = '', escaped = ''] = match;
  // A term without a name and a value asks for nothing.
  if (label === '' && escaped === '') return () => true;
  const wanted = escaped.replaceAll(/\\([\\,=])/g, '$1');
  const read = fieldReader(label.trim(), resource);
  return sign === '!=' ? (object) => read(object) !== wanted : (object) => read(object) === wanted;
}

function fieldReader(label: string, resource: Resource): (object: KubeObject) => string {
  if (label === 'metadata.name') return (object) => object.metadata.name;
  if (label === 'metadata.namespace' && (resource.namespaced || resource.custom)) {
    return (object) => object.metadata.namespace ?? '';
  }
  const reader = resource.selectable.get(label);
  if (reader !== undefined) return reader;
  throw badRequest(
    resource.custom || resource.selectable.size > 0
      ? `field label not supported: ${label}`
      : `"${label}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** Splits at commas that no backslash escapes. */
const splitEscaped = (text: string): readonly string[] =>
  (text.match(/(?:\\.|[^,\\])+/gs) ?? []).filter((term) => term !== '');

/** What both selectors of a request ask for. */
export class Selection {
  readonly #labels: readonly LabelRequirement[];
  readonly #fields: Match | undefined;

  constructor(labels: readonly LabelRequirement[], fields: Match | undefined) {
    this.#labels = labels;
    this.#fields = fields;
  }

  /** Labels that whatever matches has. */
  get pairs(): readonly LabelPair[] {
    return this.#labels.flatMap(({ key, operator, values: [value, ...others] }): LabelPair[] =>
      operator === 'in' && value !== undefined && others.length === 0 ? [[key, value]] : [],
    );
  }

  matches(object: KubeObject): boolean {
    return this.hasLabels(object.metadata.labels) && this.#fields?.(object) !== false;
  }

  /** The half of it that needs no more than the labels: most objects of a list are never looked at for the rest. */
  hasLabels(labels: StringMap | undefined): boolean {
    return this.#labels.length === 0 || matchesLabels(this.#labels, labels ?? {});
  }
}

/** Undefined when neither selector is given. */
export function selection(
  resource: Resource,
  selectors: { readonly labels: string | undefined; readonly fields: string | undefined },
): Selection | undefined {
  const labels = selectors.labels === undefined ? [] : parseLabelSelector(selectors.labels);
  const fields =
    selectors.fields === undefined || selectors.fields === ''
      ? undefined
      : parseFieldSelector(selectors.fields, resource);
  return labels.length === 0 && fields === undefined ? undefined : new Selection(labels, fields);
}
