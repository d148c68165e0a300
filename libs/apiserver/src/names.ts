/** The alphabets of names in Kubernetes; the messages are those of k8s.io/apimachinery/pkg/util/validation. */
export type NameRule = 'subdomain' | 'label' | 'namespace' | 'serviceLabel' | 'path' | 'qualified' | 'labelValue';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

/** Longer names are refused for their length alone; the patterns would take quadratic time. */
const maxTested = 1024;

const rules: Readonly<
  Record<'subdomain' | 'label' | 'labelValue', { limit: number; pattern: RegExp; message: string }>
> = {
  subdomain: {
    limit: 253,
    pattern: new RegExp(`^${subdomain}$`),
    message:
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
      `with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`,
  },
  label: {
    limit: 63,
    pattern: new RegExp(`^${label}$`),
    message:
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
      `alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
  },
  labelValue: {
    limit: 63,
    pattern: new RegExp(`^(${qualified})?$`),
    message:
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
      `alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${qualified})?')`,
  },
};

/** Why a name is refused; empty when it is right. */
export function nameProblems(rule: NameRule, name: string): readonly string[] {
  if (rule === 'path') return pathProblems(name);
  if (rule === 'qualified') return qualifiedProblems(name);
  if (rule === 'namespace' && name.includes('.')) return ['must not contain dots'];
  const { limit, pattern, message } = rules[rule === 'serviceLabel' || rule === 'namespace' ? 'label' : rule];
  return [
    ...(name.length > limit ? [`must be no more than ${limit} ${rule === 'labelValue' ? 'bytes' : 'characters'}`] : []),
    ...(name.length > maxTested || pattern.test(name) ? [] : [message]),
  ];
}

function pathProblems(name: string): readonly string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((sign) => name.includes(sign)).map((sign) => `may not contain '${sign}'`);
}

const qualifiedName = new RegExp(`^${qualified}$`);

const nameMessage =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualified}')`;

/** Keys count what names count, and call it bytes. */
const inBytes = (problem: string): string => problem.replace(/ characters$/, ' bytes');

/** A label or annotation key: a name, with an optional DNS prefix before a slash. */
function qualifiedProblems(key: string): readonly string[] {
  const parts = key.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${nameMessage.slice('name part '.length)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  const problems: string[] = [];
  if (prefix === '') problems.push('prefix part must be non-empty');
  else if (prefix !== undefined)
    problems.push(...nameProblems('subdomain', prefix).map((problem) => `prefix part ${inBytes(problem)}`));
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push('name part must be no more than 63 bytes');
  if (name.length <= maxTested && !qualifiedName.test(name)) problems.push(nameMessage);
  return problems;
}
