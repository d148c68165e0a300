import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '../repository.ts';

/** Where the example lies in the demo's repository; its GitSource names this folder. */
const FOLDER = 'examples/hello';
export const applicationPath = `${FOLDER}/application.yaml`;
export const gitSourcePath = `${FOLDER}/gitsource.yaml`;

/** The manifests of `examples/hello` with the paths of this machine in them, by path in the repository. */
export async function helloFiles(repositoryUrl: string): Promise<Map<string, string>> {
  const examples = `${pathToFileURL(join(repositoryRoot, 'examples')).href}/`;
  const read = async (path: string): Promise<[string, string]> => {
    const text = await readFile(join(repositoryRoot, path), 'utf8');
    return [
      path,
      withoutComments(text).replace('file:///examples/', examples).replace('file:///demo.git', repositoryUrl),
    ];
  };
  return new Map(await Promise.all([applicationPath, gitSourcePath].map(read)));
}

/** The application with another number of instances, as a person would edit the file. */
export function withInstances(application: string, instances: string): string {
  const line = /^( +instances:) \d+$/m;
  if (!line.test(application)) throw new Error(`${applicationPath} names no instances to change`);
  return application.replace(line, `$1 ${instances}`);
}

/** The comments explain the placeholders, which are gone from what is committed. */
const withoutComments = (text: string): string => text.replace(/^#.*\n/gm, '');
