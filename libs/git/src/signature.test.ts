import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GitMirror } from './mirror.ts';
import { Origin } from './origin.fixture.ts';
import type { Verification } from './signature.ts';

let origin: Origin;
let mirror: GitMirror;
beforeEach(() => {
  origin = new Origin();
  mirror = new GitMirror({ url: origin.url, cacheDirectory: origin.cacheDirectory, allowFile: true });
});
afterEach(() => origin.remove());

/** A new key; gives its file and its line for allowed_signers. */
const newKey = (name: string): { file: string; signer: string } => {
  const file = join(origin.root, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  return { file, signer: `${name}@example.com namespaces="git" ${readFileSync(`${file}.pub`, 'utf8').trim()}` };
};

const sign = (file: string): void => {
  origin.git(
    '-c',
    'gpg.format=ssh',
    '-c',
    `user.signingKey=${file}`,
    'commit',
    '--quiet',
    '--allow-empty',
    '-S',
    '-m',
    'Signed',
  );
};

const verify = async (allowedSigners: string): Promise<Verification> => {
  const { commit } = await mirror.fetch({ ref: { branch: 'main' } });
  return mirror.verify(commit, allowedSigners);
};

/** git signs and verifies with it; a machine with git alone may lack it. */
const hasSshKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined;

describe.skipIf(!hasSshKeygen)('signatures', () => {
  test('a commit is verified when one of the signers signed it', async () => {
    const [ada, bob] = [newKey('ada'), newKey('bob')];
    sign(ada.file);
    expect(await verify(`${bob.signer}\n${ada.signer}`)).toEqual({ kind: 'verified', signer: 'ada@example.com' });
    expect(await verify(bob.signer)).toEqual({
      kind: 'refused',
      reason: 'the signature is of a key that is not among the signers',
    });
    expect((await verify('')).kind).toBe('refused');
  });

  test('a commit without a signature, one that was altered, and one that is not there', async () => {
    const ada = newKey('ada');
    origin.commit({ 'a.yaml': 'a: 1' });
    expect(await verify(ada.signer)).toEqual({ kind: 'refused', reason: 'the commit is not signed' });
    sign(ada.file);
    const altered = origin.git('cat-file', 'commit', 'HEAD').replace('\n\nSigned', '\n\nForged');
    origin.git(
      'update-ref',
      'refs/heads/main',
      origin.gitWith(`${altered}\n`, 'hash-object', '-w', '-t', 'commit', '--stdin'),
    );
    expect(await verify(ada.signer)).toEqual({ kind: 'refused', reason: 'the signature does not fit the commit' });
    await expect(mirror.verify('1'.repeat(40), ada.signer)).rejects.toThrow('not in the mirror: fetch it first');
  });
});
