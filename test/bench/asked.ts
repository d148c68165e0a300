/** The arguments of a benchmark: `--help` tells them, and what is not among them is refused before anything starts. */
import { parseArgs } from 'node:util';

export interface Option {
  readonly tells: string;
  /** Named so in the usage; a switch without. */
  readonly value?: string;
  /** Other values are refused. */
  readonly oneOf?: readonly string[];
  /** Several of `oneOf`, with commas between. */
  readonly several?: boolean;
}

const common: Readonly<Record<string, Option>> = {
  json: { tells: 'one line of JSON instead of a table' },
  help: { tells: 'this' },
};

/** Values by option; a switch that is on has an empty one. Ends the process when only help was asked for, or in vain. */
export function asked(
  benchmark: string,
  what: string,
  own: Readonly<Record<string, Option>> = {},
  args: readonly string[] = process.argv.slice(2),
): ReadonlyMap<string, string> {
  const options = { ...own, ...common };
  try {
    const values = parse(options, args);
    if (!values.has('help')) return values;
  } catch (error) {
    console.error(`bench:${benchmark}: ${error instanceof Error ? error.message : String(error)}\n`);
    console.error(usage(benchmark, what, options));
    process.exit(2);
  }
  console.log(usage(benchmark, what, options));
  process.exit(0);
}

function parse(options: Readonly<Record<string, Option>>, args: readonly string[]): Map<string, string> {
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }]),
    ),
  });
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === false) continue;
    const text = value === true ? '' : value;
    const { oneOf, several = false } = options[name] ?? {};
    const wrong = (several ? text.split(',') : [text]).find((one) => oneOf !== undefined && !oneOf.includes(one));
    if (wrong !== undefined) throw new TypeError(`--${name}: ${wrong} is none of ${oneOf?.join(', ')}`);
    found.set(name, text);
  }
  return found;
}

function usage(benchmark: string, what: string, options: Readonly<Record<string, Option>>): string {
  const lines = Object.entries(options).map(([name, { value, tells, oneOf, several }]) => {
    const choices = oneOf === undefined ? '' : `${several === true ? ', some of' : ', one of'} ${oneOf.join(', ')}`;
    return `  ${`--${name}${value === undefined ? '' : ` ${value}`}`.padEnd(16)} ${tells}${choices}`;
  });
  return [`Usage: npm run bench:${benchmark} [-- OPTIONS]`, '', what, '', ...lines].join('\n');
}
