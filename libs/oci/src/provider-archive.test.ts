import { gzipSync } from 'node:zlib';
import { packProvider, packTar } from '@kasmcloud/testing';
import { createAccount } from '@nats-io/nkeys';
import { assert, property, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { ArchiveError, archiveTarget, isArchive, readProviderArchive } from './provider-archive.ts';
import { readTar } from './tar.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const program = text('#!/bin/sh\nexit 0\n');
const other = text('other');
const account = createAccount();
const options = { target: 'x86_64-linux', maxBytes: 100_000, now: 1_000 };

/** A signed archive with this program; `claims` go over those of the signer. */
const pack = (claims?: object): Uint8Array =>
  packProvider({ name: 'kv', programs: { 'x86_64-linux': program }, account, ...(claims && { claims }) });

/** The same with some of its files changed. */
const packWith = (changes: Readonly<Record<string, Uint8Array>>, archive = pack()): Uint8Array =>
  packTar(readTar(archive).map(({ name, bytes }) => [name, changes[name] ?? bytes]));

test('machines are named as Rust names them', () => {
  expect(archiveTarget('x64', 'linux')).toBe('x86_64-linux');
  expect(archiveTarget('arm64', 'darwin')).toBe('aarch64-macos');
});

test.for([
  ['plain', pack()],
  ['in gzip', gzipSync(pack())],
] as const)('the program for this machine is taken out, and its claims are told: %s', ([, archive]) => {
  expect(isArchive(archive)).toBe(true);
  const { bytes, claims } = readProviderArchive(archive, options);
  expect(Buffer.from(bytes)).toEqual(Buffer.from(program));
  expect(claims).toEqual({ name: 'kv', version: '0.1.0', issuer: account.getPublicKey() });
});

test('claims are not asked for', () => {
  const archive = packTar([['./x86_64-linux.bin', program]]);
  expect(readProviderArchive(archive, options).claims).toBeUndefined();
});

/** Claims signed by another than they name. */
const forged = packProvider({
  name: 'kv',
  programs: { 'x86_64-linux': program },
  claims: { iss: account.getPublicKey() },
});

test.for([
  ['no such machine', packTar([['aarch64-linux.bin', program]]), /no program for x86_64-linux, only for aarch64-linux/],
  ['nothing in it', packTar([]), /no program for x86_64-linux$/],
  ['another program than was signed', packWith({ 'x86_64-linux.bin': other }), /not the one that its claims/],
  ['a forged signature', forged, /not signed by A/],
  ['expired', pack({ exp: 999 }), /expired/],
  ['not yet valid', pack({ nbf: 1_001 }), /not valid yet/],
  ['claims of garbage', packWith({ 'claims.jwt': other }), /cannot be read/],
  ['no tar', text('x'.repeat(2_000)), /not a provider archive/],
  ['cut off', pack().subarray(0, 600), /ends within/],
  ['a bomb', gzipSync(Buffer.alloc(200_000)), /more than 100000 bytes/],
  ['broken gzip', Uint8Array.of(0x1f, 0x8b, 1, 2, 3), /broken gzip/],
] as const)('%s is refused', ([, archive, message]) => {
  expect(() => readProviderArchive(archive, options)).toThrow(message);
});

test('any bytes are an archive or an ArchiveError', () => {
  assert(
    property(uint8Array({ maxLength: 2_000 }), (bytes) => {
      expect(() => readProviderArchive(bytes, options)).toThrow(ArchiveError);
    }),
  );
});
