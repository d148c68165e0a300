import { expect, test } from 'vitest';
import { maskOutput } from './walkthrough-mask.ts';

test('a table keeps its columns, with empty cells and masked ones', () => {
  const printed = [
    'NAME   URL                    ZONE   VERSION    AGE',
    'a      file:///tmp/x/demo            v1.32.0    3m2s',
    'bb     file:///tmp/x/demo     z-1    v1.32.10   12s',
    '',
    'after a while, 12s',
  ].join('\n');
  expect(maskOutput(printed, '/tmp/x').split('\n')).toEqual([
    'NAME   URL                   ZONE   VERSION     AGE',
    'a      file://<state>/demo          <version>   <age>',
    'bb     file://<state>/demo   z-1    <version>   <age>',
    '',
    'after a while, 12s',
  ]);
});

test('what does not differ from run to run stays', () => {
  const text = '{"replicas":8,"port":8080,"hash":"hello-73462050fc"}\nHTTP/1.1 401 Unauthorized';
  expect(maskOutput(text, '/tmp/x')).toBe(text);
});
