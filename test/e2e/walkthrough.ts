import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { eventually, Kasm, repositoryRoot, temporaryFolder, type State } from './kasm.ts';
import { kubectlPath } from './kubectl.ts';
import { maskLine, maskOutput } from './walkthrough-mask.ts';

const UP_MS = 120_000;
const COMMAND_MS = 30_000;

export const walkthroughFile: string = join(repositoryRoot, 'docs', 'walkthrough.md');

/** A passage of the walkthrough: some words, then commands with what they printed. */
interface Passage {
  readonly words: string;
  readonly commands: readonly string[];
  /** A command that runs on while the others are typed, ended after them; told first. */
  readonly during?: string;
}

/** The extra actor with the path of this clone in it. */
const EXTRA = 'sed "s|file:///examples|file://$PWD/examples|" examples/hello/extra-actor.yaml';

const SCALED = '/apis/kasmcloud.io/v1alpha1/namespaces/hello/wasmclouddistributions/scaled';
const waitFor = (what: string): string => `kubectl -n hello wait wcd scaled --for=${what} --timeout=30s`;
const REVISIONS =
  'kubectl -n hello get controllerrevisions -l kasmcloud.io/distribution=scaled --sort-by=.revision' +
  ' -o custom-columns=REVISION:.revision,MEMORY:.data.spec.actor.limits.memory';

const passages = (state: State): Passage[] => {
  const [eu, us] = state.clusters.flatMap(({ frontDoor }) => frontDoor ?? []);
  return [
    {
      words: 'Each cluster has one front door, which leads to its hosts in turn. An answer says which host gave it.',
      commands: [eu, us].map((door) => `for n in 1 2; do curl -s ${door}; done | sort`),
    },
    {
      words: 'The hub holds what people declare, and where the planner has put it.',
      commands: ['kubectl get wcc', 'kubectl get gs,applications,wcd,wpl -A'],
    },
    {
      words: 'A member holds its hosts and what runs on them.',
      commands: ['kubectl --context eu-1 get wch', 'kubectl --context us-1 get wca,wcp,wcl -A'],
    },
    { words: 'Every kind explains itself.', commands: ['kubectl explain wcd.spec.spread'] },
    {
      words: [
        'Anybody may declare more. Here somebody places one more actor by hand, while another terminal watches;',
        'a server-side apply by somebody else says whose it is.',
      ].join('\n'),
      during: 'kubectl --context eu-1 -n hello get wca --watch -o name',
      commands: [
        `${EXTRA} | kubectl --context eu-1 apply --server-side -f -`,
        'kubectl --context eu-1 -n hello wait wca extra --for=condition=Ready --timeout=20s',
        `${EXTRA} | sed "s/instances: 1/instances: 2/" | kubectl --context eu-1 apply --server-side --field-manager=else -f -`,
        'kubectl --context eu-1 -n hello delete wca extra',
      ],
    },
    {
      words: 'A wrong value is refused where it is written.',
      commands: [`kubectl -n hello patch wcd hello-http-hello --type=merge -p '{"spec":{"replicas":-1}}'`],
    },
    {
      words: 'A Distribution scales as a Deployment does, and can be waited for.',
      commands: [
        'sed "s|file:///examples|file://$PWD/examples|" examples/hello/scaled.yaml | kubectl apply -f -',
        waitFor('condition=Available'),
        'kubectl -n hello scale wcd scaled --replicas=4',
        waitFor("jsonpath='{.status.readyReplicas}'=4"),
        'kubectl -n hello get wcd scaled',
      ],
    },
    {
      words: 'An autoscaler reads and writes the scale subresource: by GET, by PATCH and by PUT.',
      commands: [
        `kubectl get --raw ${SCALED}/scale | sed 's/"managedFields":.*}],//'`,
        `kubectl -n hello patch wcd scaled --subresource=scale --type=merge -p '{"spec":{"replicas":0}}'`,
        waitFor("jsonpath='{.status.replicas}'=0"),
        `kubectl get --raw ${SCALED}/scale | sed 's/"spec":{}/"spec":{"replicas":2}/;s/"replicas":0/"replicas":2/' | kubectl replace --raw ${SCALED}/scale -f - | grep -o '"spec":{[^}]*}'`,
        waitFor("jsonpath='{.status.readyReplicas}'=2"),
      ],
    },
    {
      words: 'What a Distribution ran is kept as ControllerRevisions; what one of them says can be brought back.',
      commands: [
        `kubectl -n hello patch wcd scaled --type=merge -p '{"spec":{"actor":{"limits":{"memory":"64Mi"}}}}'`,
        waitFor("jsonpath='{.status.updatedReplicas}'=2"),
        waitFor('condition=Available'),
        REVISIONS,
        'kubectl -n hello patch wcd scaled --type=merge -p "$(kubectl -n hello get controllerrevisions' +
          ' -l kasmcloud.io/distribution=scaled --sort-by=.revision -o jsonpath={.items[0].data})"',
        waitFor("jsonpath='{.spec.actor.limits.memory}'=32Mi"),
        waitFor('condition=Available'),
        'kubectl -n hello delete wcd scaled',
      ],
    },
    {
      words: 'The REST API takes the tokens of the hub, and gives the rights that they have there.',
      commands: [
        `curl -s -i ${state.restUrl}/api/v1/applications | sed -n '1p;$p'`,
        `curl -s -H "Authorization: Bearer $TOKEN" ${state.restUrl}/api/v1/applications`,
        `curl -s -H "Authorization: Bearer $TOKEN" ${state.restUrl}/api/v1/clusters/eu-1`,
      ],
    },
  ];
};

/** Runs every command against a real instance. Resolves with the document as it belongs into docs/walkthrough.md. */
export async function walk(): Promise<string> {
  if (kubectlPath === undefined) throw new Error('the walkthrough needs kubectl 1.30 or newer');
  await using folder = await temporaryFolder();
  const kasm = Kasm.up(folder.path, '--demo');
  try {
    await kasm.tells('Ctrl-C stops everything.', UP_MS);
    const state = await kasm.state();
    const env = { ...process.env, KUBECONFIG: state.kubeconfig, TOKEN: state.token ?? '' };
    await settled(env, folder.path);
    const parts = [HEAD];
    for (const passage of passages(state)) parts.push(await told(passage, env, folder.path));
    return `${parts.join('\n\n')}\n`;
  } finally {
    await kasm.stop();
  }
}

/** Status follows what runs by a moment: waits until the hub says the same over a second. */
async function settled(env: NodeJS.ProcessEnv, state: string): Promise<void> {
  let before = '';
  await eventually(COMMAND_MS, async () => {
    const now = maskOutput(await run('kubectl get wcc,gs,applications,wcd,wpl -A', env), state);
    const isSame = now === before;
    before = now;
    await sleep(1_000);
    return isSame;
  });
}

const HEAD = `# A walk through a running supercluster

Recorded by \`node test/e2e/walkthrough.ts\` against what \`npm start\` brings up, and run again by CI. Only what differs
from run to run is masked: times and ages, ports and addresses, hashes of commits, versions, epochs.`;

async function told({ words, commands, during }: Passage, env: NodeJS.ProcessEnv, state: string): Promise<string> {
  const watch = during === undefined ? undefined : watching(during, env);
  if (watch !== undefined) await sleep(1_000);
  const lines: string[] = [];
  for (const command of commands) {
    const output = maskOutput(await run(command, env), state);
    lines.push(`$ ${maskLine(command)}`, ...(output === '' ? [] : [output]));
  }
  const parts = [words, block(lines.join('\n'))];
  if (watch !== undefined) parts.push('The other terminal:', block(`$ ${during}\n${await watch.end()}`));
  return parts.join('\n\n');
}

const block = (text: string): string => `\`\`\`console\n${text.trimEnd()}\n\`\`\``;

/** What a command prints on both of its outputs, in a shell, as a terminal would show it. */
async function run(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  const shell = promisify(execFile)('/bin/sh', ['-c', `${command} 2>&1`], {
    env,
    cwd: repositoryRoot,
    timeout: COMMAND_MS,
  });
  const { stdout } = await shell.catch((error: { stdout: string }) => error);
  return stdout.trimEnd();
}

function watching(command: string, env: NodeJS.ProcessEnv): { end: () => Promise<string> } {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'exit');
  return {
    end: async () => {
      await sleep(1_000);
      child.kill('SIGTERM');
      await ended;
      return output;
    },
  };
}

if (process.argv[1] === import.meta.filename) await writeFile(walkthroughFile, await walk());
