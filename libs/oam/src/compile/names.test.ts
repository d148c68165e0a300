import { expect, test } from 'vitest';
import { componentId, configName, objectName, secretName } from './names.ts';

test.for([
  ['mymodel', 'x', 'myid', 'myid'],
  ['mymodel', 'echo-component', undefined, 'mymodel-echo_component'],
  ['some model name with spaces cause yaml', 'echo', undefined, 'some_model_name_with_spaces_cause_yaml-echo'],
  ['My ThInG', 'thing.wasm', undefined, 'my_thing-thing_wasm'],
] as const)('id of %s / %s is as in wadm', ([application, component, id, want]) => {
  expect(componentId(application, component, id)).toBe(want);
});

test('config and secrets are named as in wadm', () => {
  expect(configName('hello-simple', 'httpaddr')).toBe('hello_simple-httpaddr');
  expect(secretName('my-app', 'db.pw')).toBe('SECRET_my_app-db_pw');
});

test('a name that is valid stays as it is', () => {
  expect(objectName('my-app', 'http-hello')).toBe('my-app-http-hello');
});

test('names that sanitise alike stay apart, and every name is a DNS label', () => {
  const names = [['a_b'], ['A-b'], ['a.b'], ['ä', 'b'], ['ö', 'b'], ['_'], ['x'.repeat(300)], ['x'.repeat(301)]].map(
    (parts) => objectName(...parts),
  );
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,198}[a-z0-9])?$/);
  expect(objectName('a_b')).toBe('a-b-1ba46871');
});
