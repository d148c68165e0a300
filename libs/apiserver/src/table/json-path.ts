import { isObject, get } from '../schema/json.ts';

/** The printer column's JSONPath is not one that kubectl's dialect knows. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}

type Step = (input: unknown[]) => unknown[];

/** A compiled path: the values that it finds, none when a name is missing or a type does not fit. */
export type JsonPath = (document: unknown) => unknown[];

const maxRecursion = 100;

/**
 * Compiles the JSONPath dialect of kubectl: `.a.b`, `['a\.b/c']`, `[0]`, `[-1]`, `[0:2]`, `[*]`, `.*`, `..name`, unions
 * `[0,2]`, and filters with one comparison, `[?(@.type=="Ready")].status`. A dot inside a quoted key needs a backslash, as in kubectl.
 * @throws JsonPathError
 */
export function compileJsonPath(path: string): JsonPath {
  const steps = new Parser(path).steps();
  return (document) => {
    let values: unknown[] = [document];
    for (const step of steps) values = step(values);
    return values;
  };
}

class Parser {
  private readonly text: string;
  private position = 0;

  constructor(text: string) {
    this.text = text;
  }

  steps(): Step[] {
    const steps: Step[] = [];
    while (this.position < this.text.length) {
      const char = this.text[this.position];
      if (char === ' ' || char === '@' || char === '$') this.position++;
      else if (this.text.startsWith('[?(', this.position)) steps.push(this.filter());
      else if (char === '[') steps.push(...this.brackets());
      else if (this.text.startsWith('..', this.position)) steps.push(...this.recursive());
      else if (char === '.') steps.push(...this.field(1));
      else throw new JsonPathError(`unrecognized character in JSONPath ${JSON.stringify(this.text)}: ${String(char)}`);
    }
    return steps;
  }

  private recursive(): Step[] {
    this.position += 2;
    return /[\p{L}\p{N}_]/u.test(this.text[this.position] ?? '') ? [descend, ...this.field(0)] : [descend];
  }

  private field(skip: number): Step[] {
    this.position += skip;
    const match = /(?:\\.|[^\s.,[\]$@{}\\])*/uy;
    match.lastIndex = this.position;
    const name = match.exec(this.text)?.[0] ?? '';
    this.position += name.length;
    if (name === '*') return [children];
    // `.['key']` and a lone `.` name the current value.
    return name === '' ? [] : [named(name.replaceAll('\\', ''))];
  }

  private brackets(): Step[] {
    const end = this.text.indexOf(']', this.position);
    if (end < 0) throw new JsonPathError(`unterminated array in JSONPath ${JSON.stringify(this.text)}`);
    const content = this.text.slice(this.position + 1, end);
    this.position = end + 1;
    const parts = content.split(',').map((part) => bracket(part.trim()));
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return only;
    return [(input) => parts.flatMap((steps) => steps.reduce((values, step) => step(values), input))];
  }

  private filter(): Step {
    const match = /\[\?\(((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^)"'])*)\)\]/uy;
    match.lastIndex = this.position;
    const found = match.exec(this.text);
    if (found === null) throw new JsonPathError(`unterminated filter in JSONPath ${JSON.stringify(this.text)}`);
    this.position += found[0].length;
    const condition = found[1] ?? '';
    const comparison = /^([^!<>=]+)(==|!=|<=|>=|<|>)(.+)$/u.exec(condition);
    if (comparison === null) {
      const exists = compileJsonPath(condition);
      return (input) => items(input).filter((item) => exists(item).length > 0);
    }
    const [, leftText = '', operator = '', rightText = ''] = comparison;
    const left = operand(leftText);
    const right = operand(rightText);
    return (input) =>
      items(input).filter((item) => {
        const [a, ...moreLeft] = left(item);
        const [b, ...moreRight] = right(item);
        return moreLeft.length + moreRight.length === 0 && holds(operator, a, b);
      });
  }
}

function bracket(content: string): Step[] {
  const key = /^'([^']*)'$/u.exec(content);
  if (key !== null) return new Parser(`.${key[1] ?? ''}`).steps();
  const slice = content === '*' ? ['', '', ':'] : /^(-?\d*)(:-?\d*)?(:-?\d*)?$/u.exec(content);
  if (slice === null || content === '') throw new JsonPathError(`invalid array index ${content}`);
  const [, from = '', to, step = ':'] = slice;
  const start = from === '' ? 0 : Number(from);
  const stride = step === ':' ? 1 : Number(step.slice(1));
  if (stride <= 0) throw new JsonPathError('a step must be above 0');
  if (to === undefined) return [(input) => lists(input).flatMap((list) => at(list, start))];
  const end = to === ':' || to === '' ? undefined : Number(to.slice(1));
  return [(input) => lists(input).flatMap((list) => list.slice(start, end).filter((_, at) => at % stride === 0))];
}

function operand(text: string): JsonPath {
  const trimmed = text.trim();
  if (trimmed === 'true' || trimmed === 'false') return () => [trimmed === 'true'];
  if (/^[+-]?\d+(\.\d+)?$/u.test(trimmed)) return () => [Number(trimmed)];
  const quoted = /^(["'])(.*)\1$/su.exec(trimmed);
  if (quoted !== null) {
    const value = (quoted[2] ?? '').replaceAll(/\\(.)/gu, '$1');
    return () => [value];
  }
  return compileJsonPath(trimmed);
}

/** Values compare when both are numbers or both strings; booleans have no order. */
function holds(operator: string, a: unknown, b: unknown): boolean {
  const ordered = (typeof a === 'number' && typeof b === 'number') || (typeof a === 'string' && typeof b === 'string');
  if (!ordered && !(typeof a === 'boolean' && typeof b === 'boolean')) return false;
  if (operator === '==') return a === b;
  if (operator === '!=') return a !== b;
  if (!ordered || a === b) return ordered && operator.endsWith('=');
  return operator.startsWith('<') === a < b;
}

function named(name: string): Step {
  return (input) => input.flatMap((value) => (isObject(value) && Object.hasOwn(value, name) ? [get(value, name)] : []));
}

const children: Step = (input) =>
  input.flatMap((value) => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []));

const descend: Step = (input) => input.flatMap((value) => descendants(value, 0));

function descendants(value: unknown, depth: number): unknown[] {
  const inner = children([value]);
  if (inner.length === 0 || depth > maxRecursion) return [];
  return [value, ...inner.flatMap((child) => descendants(child, depth + 1))];
}

function lists(input: unknown[]): unknown[][] {
  return input.filter((value) => Array.isArray(value));
}

function items(input: unknown[]): unknown[] {
  return lists(input).flat(1);
}

function at(list: unknown[], position: number): unknown[] {
  const wanted = position < 0 ? position + list.length : position;
  return wanted >= 0 && wanted < list.length ? [list[wanted]] : [];
}
