import { quote } from '../field-error.ts';

/** The text is neither an absolute URI nor an absolute path. */
export class UrlError extends Error {
  override readonly name = 'UrlError';
}

/** In the words of Go's parser. */
const whyNot = (text: string): string => (text.startsWith(':') ? 'missing protocol scheme' : 'invalid URI for request');

/** A URL as rules read it: nothing is normalized. Source: k8s.io/apiserver pkg/cel/library/urls.go. */
export class CelUrl {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor(text: string) {
    const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/(?:[^/?#@]*@)?([^/?#]*))?|(?=\/))([^?#]*)(?:\?([^#]*))?$/.exec(
      text,
    );
    if (match === null || /[\s\p{Cc}]/u.test(text))
      throw new UrlError(`URL parse error during conversion from string: parse ${quote(text)}: ${whyNot(text)}`);
    const [, scheme = '', host = '', path = '', query = ''] = match;
    this.scheme = scheme;
    this.host = host;
    this.path = path;
    this.query = query;
  }

  static isUrl(text: string): boolean {
    try {
      return new CelUrl(text) instanceof CelUrl;
    } catch {
      return false;
    }
  }

  get hostname(): string {
    const bracketed = /^\[([^\]]*)\]/.exec(this.host);
    return bracketed?.[1] ?? this.host.replace(/:\d*$/, '');
  }

  get port(): string {
    return /:(\d*)$/.exec(this.host)?.[1] ?? '';
  }

  get queryValues(): Map<string, string[]> {
    const values = new Map<string, string[]>();
    for (const [key, value] of new URLSearchParams(this.query)) values.set(key, [...(values.get(key) ?? []), value]);
    return values;
  }
}
