import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { type KubeObject, asObject, asStrings, stringOr } from '../object.ts';
import { type JsonObject, isObject } from '../schema/json.ts';
import type { User } from '../http/exchange.ts';
import type { Cluster } from '../resources/cluster.ts';
import { objectKey } from '../store/store.ts';
import { serviceAccountName } from './rules.ts';

export const issuer = 'https://kubernetes.default.svc.cluster.local';

/** What else must be there for a token to be good: a secret, a pod or a node. */
export interface BoundObject {
  /** Its name among the claims. */
  readonly claim: string;
  readonly object: KubeObject;
}

const boundBuckets: Readonly<Record<string, string>> = { secret: 'secrets', pod: 'pods', node: 'nodes' };

export interface TokenRequest {
  readonly account: KubeObject;
  readonly audiences: readonly string[];
  readonly expiresAt: Date;
  readonly id: string;
  readonly bound: BoundObject | undefined;
}

export interface Verified {
  readonly user: User;
  readonly audiences: readonly string[];
}

/** Signs tokens of service accounts (JWT, ES256) and recognises them for as long as their account lives. */
export class TokenService {
  readonly #cluster: Cluster;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #keyId: string;
  /** What the tokens say whose signature was found good: to check one takes longer than all the rest of a request. */
  readonly #signed = new Map<string, JsonObject>();

  constructor(cluster: Cluster, privateKeyPem: string) {
    this.#cluster = cluster;
    this.#privateKey = createPrivateKey(privateKeyPem);
    this.#publicKey = createPublicKey(this.#privateKey);
    const spki = this.#publicKey.export({ type: 'spki', format: 'der' });
    this.#keyId = createHash('sha256').update(spki).digest('base64url');
  }

  issue({ account, audiences, expiresAt, id, bound }: TokenRequest): string {
    const { name, namespace = '', uid } = account.metadata;
    const now = Math.floor(this.#cluster.now().getTime() / 1000);
    const claims = {
      aud: [...audiences],
      exp: Math.floor(expiresAt.getTime() / 1000),
      iat: now,
      iss: issuer,
      jti: id,
      nbf: now,
      sub: serviceAccountName(namespace, name),
      'kubernetes.io': {
        namespace,
        serviceaccount: { name, uid },
        ...(bound === undefined
          ? {}
          : { [bound.claim]: { name: bound.object.metadata.name, uid: bound.object.metadata.uid } }),
      },
    };
    const signed = `${encode({ alg: 'ES256', kid: this.#keyId, typ: 'JWT' })}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(signed), { key: this.#privateKey, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }

  /** Whom a token stands for; undefined when it is not ours, is over, or its account is gone. */
  verify(token: string): Verified | undefined {
    const claims = this.#signedClaims(token);
    if (claims === undefined) return undefined;
    const now = this.#cluster.now().getTime() / 1000;
    const { exp, nbf, aud, iss } = claims;
    if (
      iss !== issuer ||
      typeof exp !== 'number' ||
      typeof nbf !== 'number' ||
      exp <= now ||
      nbf > now + maxSkewSeconds
    ) {
      return undefined;
    }
    const bound = asObject(claims['kubernetes.io']);
    const account = asObject(bound['serviceaccount']);
    const namespace = stringOr(bound['namespace'], '');
    const name = stringOr(account['name'], '');
    const live = this.#cluster.store.get('serviceaccounts', objectKey(namespace, name));
    if (live === undefined || live.metadata.uid !== account['uid']) return undefined;
    if (!this.#isThere(bound, namespace)) return undefined;
    return {
      user: accountUser(namespace, name, live.metadata.uid, stringOr(claims['jti'], '')),
      audiences: asStrings(aud),
    };
  }

  /** Whether what the token is bound to, if anything, is there still. */
  #isThere(bound: JsonObject, namespace: string): boolean {
    return Object.entries(boundBuckets).every(([claim, bucket]) => {
      if (bound[claim] === undefined) return true;
      const { name, uid } = asObject(bound[claim]);
      const key = objectKey(bucket === 'nodes' ? '' : namespace, stringOr(name, ''));
      return this.#cluster.store.get(bucket, key)?.metadata.uid === uid;
    });
  }

  #signedClaims(token: string): JsonObject | undefined {
    const known = this.#signed.get(token);
    if (known !== undefined) return known;
    const [header = '', payload = '', signature = '', ...more] = token.split('.');
    if (signature === '' || more.length > 0) return undefined;
    const key = { key: this.#publicKey, dsaEncoding: 'ieee-p1363' } as const;
    // Only our key and our algorithm are tried, whatever the header says.
    if (!verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
      return undefined;
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (!isObject(claims)) return undefined;
    if (this.#signed.size >= mostRemembered) this.#signed.clear();
    this.#signed.set(token, claims);
    return claims;
  }
}

const mostRemembered = 1_000;

const maxSkewSeconds = 60;

const encode = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const accountUser = (namespace: string, name: string, uid: string, credential: string): User => ({
  name: serviceAccountName(namespace, name),
  uid,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${credential}`] },
});
