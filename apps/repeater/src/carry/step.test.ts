import type { ActorObject, ProviderObject } from '@kasmcloud/kube-api';
import { describe, expect, test } from 'vitest';
import { nextStep, PATIENCE_MS, type Running } from './step.ts';
import { wantedOf, type Wanted } from './wanted.ts';

const type = { apiVersion: 'kasmcloud.io/v1alpha1', kind: 'any' };
const actor = (spec: Partial<ActorObject['spec']> = {}, name = 'a'): ActorObject => ({
  ...type,
  metadata: { name, namespace: 'shop' },
  spec: { hostName: 'n', id: 'hello', image: 'r:1', instances: 2, ...spec },
});
const only = (actors: ActorObject[], providers: ProviderObject[] = []): Wanted => {
  const [one] = wantedOf(actors, providers).values();
  return one ?? expect.unreachable();
};

describe('what is wanted', () => {
  test('two Actors of one id are one component with the room of both', () => {
    const two = only([actor({}, 'b'), actor({ instances: 3, image: 'r:2' }, 'a')]);
    expect(two).toMatchObject({ instances: 5, image: 'r:2' });
    expect(two.objects).toHaveLength(2);
  });

  test('the content is another when anything is that needs another start, and the same when only the room is', () => {
    const { content } = only([actor()]);
    expect(only([actor({ instances: 9 })]).content).toBe(content);
    for (const other of [{ image: 'r:2' }, { config: ['c'] }, { limits: { memory: '1Mi' } }])
      expect(only([actor(other)]).content).not.toBe(content);
  });
});

describe('the next step', () => {
  const wanted = only([actor()]);
  const running: Running = {
    kind: 'component',
    id: 'hello',
    image: 'r:1',
    instances: 2,
    object: 'shop/a',
    content: wanted.content,
  };
  const theirs = { ...running, object: undefined, content: undefined };
  const start = `${wanted.content} 2`;
  test.for([
    { name: 'nothing runs', wanted, running: undefined, want: 'start' },
    { name: 'all is well', wanted, running, want: 'settled' },
    { name: 'less room', wanted, running: { ...running, instances: 1 }, want: 'scale' },
    { name: 'another content', wanted, running: { ...running, content: 'x' }, want: 'stop' },
    { name: 'the same image of others', wanted, running: theirs, want: 'settled' },
    { name: 'another image of others', wanted, running: { ...theirs, image: 'r:9' }, want: 'stop' },
    { name: 'wanted no more', wanted: undefined, running, want: 'stop' },
    { name: 'never wanted', wanted: undefined, running: theirs, want: 'settled' },
    { name: 'no room wanted', wanted: { ...wanted, instances: 0 }, running: theirs, want: 'stop' },
    { name: 'no room wanted, none there', wanted: { ...wanted, instances: 0 }, running: undefined, want: 'settled' },
  ])('$name: $want', ({ wanted: wish, running: runs, want }) => {
    expect(nextStep(wish, runs, undefined, 0).kind).toBe(want);
  });

  test('a command that is under way is waited for, and no longer than patience lasts', () => {
    const attempt = { aim: start, sentAt: 1_000 };
    expect(nextStep(wanted, undefined, attempt, 2_000)).toEqual({
      kind: 'wait',
      ms: PATIENCE_MS - 1_000,
      error: undefined,
    });
    expect(nextStep(wanted, undefined, attempt, 1_000 + PATIENCE_MS)).toEqual({ kind: 'overdue' });
  });

  test('a command that failed rests, and another wish does not wait for it', () => {
    const attempt = { aim: start, sentAt: 0, error: 'no', againAt: 5_000 };
    expect(nextStep(wanted, undefined, attempt, 1_000)).toEqual({ kind: 'wait', ms: 4_000, error: 'no' });
    expect(nextStep(wanted, undefined, attempt, 5_000).kind).toBe('start');
    expect(nextStep({ ...wanted, instances: 3 }, undefined, attempt, 1_000).kind).toBe('start');
    expect(nextStep(undefined, running, attempt, 1_000).kind).toBe('stop');
  });
});
