import { camelCase } from '@kasmcloud/wrpc';

/** `dark-blue` → `DarkBlue`. */
export const pascalCase = (kebab: string): string => {
  const camel = camelCase(kebab);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
};

/** What a WIT function is called in JavaScript: `[method]bucket.get` → `bucketGet`, `[constructor]bucket` → `newBucket`. */
export const functionKey = (name: string): string => {
  const [, role, rest = name] = /^\[([a-z]+)\](.+)$/.exec(name) ?? [];
  const words = rest.replaceAll('.', '-');
  return camelCase(role === 'constructor' ? `new-${words}` : words);
};

/** Words that JavaScript does not let a variable be called. */
const reserved =
  /^(arguments|await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|eval|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield)$/;

/** A name for a parameter or variable. */
export const variable = (kebab: string): string => {
  const name = camelCase(kebab);
  return reserved.test(name) ? `${name}_` : name;
};

/** `example:thumbs/resizer@0.1.0` → its parts; `file` is what its bindings are called. */
export const partsOf = (instance: string): { readonly file: string; readonly iface: string } => {
  const [, pkg = '', iface = instance] = /^[^:]+:([^/]+)\/([^@]+)/.exec(instance) ?? [];
  return { file: pkg === '' ? iface : `${pkg}-${iface}`, iface };
};
