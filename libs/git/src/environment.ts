import { devNull } from 'node:os';
import type { GitUrl } from './git-url.ts';

export type GitAuth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  /** `identity`: a private key, `knownHosts`: lines as ssh-keyscan writes them. */
  | { readonly kind: 'ssh'; readonly identity: string; readonly knownHosts: string };

/** Files that hold what git and ssh only take from files. */
export interface CredentialFiles {
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly caCertificates?: string;
  readonly allowedSigners?: string;
}

/** Through these the machine reaches the outside; the rest of our environment is not git's business. */
const PASSED_ON = [
  'PATH',
  'HTTPS_PROXY',
  'https_proxy',
  'ALL_PROXY',
  'all_proxy',
  'NO_PROXY',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

const shellQuote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const sshCommand = ({ identity = devNull, knownHosts = devNull }: CredentialFiles): string => {
  const options = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: knownHosts,
    GlobalKnownHostsFile: devNull,
    IdentitiesOnly: 'yes',
    IdentityFile: identity,
    IdentityAgent: 'none',
    ConnectTimeout: '15',
    UpdateHostKeys: 'no',
  };
  const flags = Object.entries(options).map(([name, value]) => `-o ${shellQuote(`${name}=${value}`)}`);
  return ['ssh', '-F', devNull, ...flags].join(' ');
};

const authorization = (auth: GitAuth): string | undefined => {
  switch (auth.kind) {
    case 'basic':
      return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
    case 'bearer':
      return `Bearer ${auth.token.replaceAll(/\s/g, '')}`;
    case 'ssh':
      return undefined;
  }
};

/**
 * git's configuration for every call. It goes through the environment: arguments can be read by every user of the
 * machine. Hooks, filters, credential helpers, maintenance and redirects (which would carry the header to another host)
 * are off.
 */
const configuration = (
  directory: string,
  url: GitUrl,
  auth: GitAuth | undefined,
  files: CredentialFiles,
): Record<string, string> => {
  const header = auth === undefined ? undefined : authorization(auth);
  return {
    'safe.directory': directory,
    'protocol.allow': 'never',
    [`protocol.${url.protocol}.allow`]: 'always',
    'core.hooksPath': devNull,
    'core.attributesFile': devNull,
    'core.fsmonitor': 'false',
    'credential.helper': '',
    'http.followRedirects': 'false',
    'http.emptyAuth': 'false',
    'fetch.unpackLimit': '1',
    'fetch.recurseSubmodules': 'false',
    'gc.auto': '0',
    'maintenance.auto': 'false',
    'transfer.bundleURI': 'false',
    // Signatures are checked by ssh-keygen alone; `false` is the program that always fails.
    'gpg.program': 'false',
    'gpg.x509.program': 'false',
    ...(files.allowedSigners === undefined ? {} : { 'gpg.ssh.allowedSignersFile': files.allowedSigners }),
    ...(header === undefined ? {} : { [`http.${url.origin}/.extraHeader`]: `Authorization: ${header}` }),
  };
};

/** The whole environment of a git process for one mirror. */
export const gitEnvironment = (
  directory: string,
  url: GitUrl,
  auth?: GitAuth,
  files: CredentialFiles = {},
): Record<string, string> => {
  const env: Record<string, string> = {
    LC_ALL: 'C',
    // Neither a .netrc nor a .ssh/config is found in a bare repository.
    HOME: directory,
    GIT_DIR: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: url.protocol,
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_SSH_COMMAND: sshCommand(files),
    GIT_SSH_VARIANT: 'ssh',
  };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  if (files.caCertificates !== undefined) env['GIT_SSL_CAINFO'] = files.caCertificates;
  const settings = Object.entries(configuration(directory, url, auth, files));
  env['GIT_CONFIG_COUNT'] = String(settings.length);
  for (const [index, [key, value]] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
};
