import { nameProblems } from '../names.ts';
import { quote } from '../schema/field-error.ts';
import { badRequest } from '../status.ts';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent' | 'above' | 'below';
  readonly values: readonly string[];
}

/**
 * Reads a label selector as `kubectl -l` writes it: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. Throws a 400 in the words of
 * k8s.io/apimachinery pkg/labels.
 */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  return new SelectorParser(text).parse();
}

const signs = ['==', '!=', '=', '!', '(', ')', ',', '>', '<'];
const operators = ['in', 'notin', '=', '==', '!=', 'gt', 'lt'];
const END = '';

/** A sign, a word, or the end, which is empty. */
interface Token {
  readonly text: string;
  readonly isWord: boolean;
}

class SelectorParser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  parse(): readonly LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    while (this.#ahead.text !== END) {
      if (!this.#startsRequirement()) throw unexpected(this.#ahead, "!, identifier, or 'end of string'");
      requirements.push(inRequirement(() => this.#requirement()));
      const separator = this.#take();
      if (separator.text === END) break;
      if (separator.isWord || separator.text !== ',') throw unexpected(separator, "',' or 'end of string'");
      if (!this.#startsRequirement()) throw unexpected(this.#ahead, "identifier after ','");
    }
    return requirements;
  }

  get #ahead(): Token {
    return this.#tokens[this.#next] ?? { text: END, isWord: false };
  }

  #take(): Token {
    const token = this.#ahead;
    this.#next += 1;
    return token;
  }

  #startsRequirement(): boolean {
    return this.#ahead.isWord || this.#ahead.text === '!';
  }

  #requirement(): LabelRequirement {
    const isAbsent = this.#ahead.text === '!' && !this.#ahead.isWord;
    if (isAbsent) this.#take();
    const key = this.#take();
    if (!key.isWord) throw unexpected(key, 'identifier');
    check('<nil>', nameProblems('qualified', key.text), key.text);
    if (isAbsent) return { key: key.text, operator: 'absent', values: [] };
    if (this.#ahead.text === END || this.#ahead.text === ',') return { key: key.text, operator: 'exists', values: [] };
    return this.#comparison(key.text);
  }

  #comparison(key: string): LabelRequirement {
    const sign = this.#take();
    switch (sign.text) {
      case 'in':
      case 'notin':
        return withValues(key, sign.text, this.#list());
      case '=':
      case '==':
        return withValues(key, 'in', [this.#value()]);
      case '!=':
        return withValues(key, 'notin', [this.#value()]);
      case '>':
        return withValues(key, 'above', [this.#value()]);
      case '<':
        return withValues(key, 'below', [this.#value()]);
      default:
        throw unexpected(sign, operators.join(', '));
    }
  }

  /** Nothing is a value too: the empty one. */
  #value(): string {
    if (this.#ahead.text === END || (this.#ahead.text === ',' && !this.#ahead.isWord)) return '';
    const value = this.#take();
    if (!value.isWord) throw unexpected(value, 'identifier');
    return value.text;
  }

  #list(): readonly string[] {
    const open = this.#take();
    if (open.text !== '(') throw badRequest(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    let wasSeparator = true;
    for (;;) {
      const token = this.#take();
      if (token.isWord && wasSeparator) values.add(token.text);
      else if (token.isWord || token.text === END || !',)'.includes(token.text)) {
        throw unexpected(token, wasSeparator ? "',', ')' or identifier" : "',' or ')'");
      } else if (wasSeparator) values.add('');
      if (token.text === ')' && !token.isWord) return [...values];
      wasSeparator = !token.isWord;
    }
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const sign = signs.find((each) => rest.startsWith(each));
    const word = sign ?? /^[^\s=!(),<>]+/.exec(rest)?.[0] ?? rest;
    tokens.push({ text: word, isWord: sign === undefined });
    rest = rest.slice(word.length).trimStart();
  }
  return tokens;
}

const unexpected = ({ text }: Token, expected: string): Error => badRequest(`found '${text}', expected: ${expected}`);

/** Says of what goes wrong in a requirement that it does. */
function inRequirement(parse: () => LabelRequirement): LabelRequirement {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw badRequest(`unable to parse requirement: ${error.message}`, { cause: error });
  }
}

function check(field: string, problems: readonly string[], value: string): void {
  if (problems.length > 0) throw badRequest(`${field}: Invalid value: ${quote(value)}: ${problems.join('; ')}`);
}

function withValues(key: string, operator: LabelRequirement['operator'], values: readonly string[]): LabelRequirement {
  for (const [index, value] of values.entries()) {
    if ((operator === 'above' || operator === 'below') && !/^-?\d+$/.test(value)) {
      throw badRequest(
        `values[${index}]: Invalid value: ${quote(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    }
    check(`values[${index}][${key}]`, nameProblems('labelValue', value), value);
  }
  return { key, operator, values };
}
