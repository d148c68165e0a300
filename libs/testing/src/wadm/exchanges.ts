import type { WadmExchange, WadmScenario } from './exchange.ts';

const put = (name: string, count: number, version: string, previous = ''): object => ({
  result: count === 1 ? 'created' : 'newversion',
  total_versions: count,
  current_version: version,
  message: `Successfully put manifest ${name} ${previous}`,
  name,
});
const refused = (message: string): object => ({
  result: 'error',
  total_versions: 0,
  current_version: '',
  message,
  name: '',
  failures: '…',
});
const deployed = (name: string, version: string): object => ({
  result: 'acknowledged',
  message: `Successfully deployed application ${name} ${version}`,
  name,
  version,
});
const undeployed = (name: string, message: string): object => ({
  result: 'acknowledged',
  message,
  name,
  version: null,
});
const deleted = (message: string, undeploy: boolean): object => ({ result: 'deleted', message, undeploy });
const noop = (message: string): object => ({ result: 'noop', message, undeploy: false });
const error = (message: string): object => ({ result: 'error', message });
const summary = (name: string, version: string, isDeployed: string | null, description: string | null = null) => ({
  name,
  version,
  description,
  deployed_version: isDeployed,
  detailed_status: '…',
  status: '…',
  status_message: '…',
});
const gone = (name: string): WadmExchange => ({
  ask: `del ${name}`,
  reply: deleted(`Successfully deleted application ${name}`, true),
});
const shortError = {
  reply: error('…'),
  because: 'clients that insist on the other fields could not read the message',
};

/** The same success, told with a warning. */
const warned = (reply: object): Pick<WadmExchange, 'reply' | 'wadm'> => ({
  reply: { ...reply, failures: '…' },
  wadm: { reply, because: 'wadm tells no warnings' },
});

/** wadm's API as its clients use it, in the order of wadm's own tests. */
export const wadmScenarios: readonly WadmScenario[] = [
  {
    name: 'put, list, get, versions, delete',
    exchanges: [
      { ask: 'put', manifest: 'kvcounter.yaml', reply: put('kvcounter', 1, 'v0.0.1') },
      { ask: 'put', manifest: 'kvcounter.yaml', version: 'v0.0.2', reply: put('kvcounter', 2, 'v0.0.2', 'v0.0.1') },
      {
        ask: 'get',
        reply: {
          result: 'success',
          message: 'Successfully fetched list of applications',
          models: [summary('kvcounter', 'v0.0.2', null)],
        },
      },
      { ask: 'list', reply: [summary('kvcounter', 'v0.0.2', null)] },
      {
        ask: 'get kvcounter',
        reply: { result: 'success', message: 'Successfully fetched application kvcounter', manifest: '…' },
      },
      {
        ask: 'get kvcounter',
        body: '{"version":"v0.0.1"}',
        reply: { result: 'success', message: 'Successfully fetched application kvcounter v0.0.1', manifest: '…' },
      },
      {
        ask: 'get kvcounter',
        body: '{"version":"v9"}',
        reply: { result: 'notfound', message: "Application kvcounter with version v9 doesn't exist" },
      },
      {
        ask: 'versions kvcounter',
        reply: {
          result: 'success',
          message: 'Successfully fetched versions for application kvcounter',
          versions: [
            { version: 'v0.0.1', deployed: false },
            { version: 'v0.0.2', deployed: false },
          ],
        },
      },
      {
        ask: 'del kvcounter',
        body: '{"version":"v0.0.1"}',
        reply: deleted('Successfully deleted version v0.0.1 of application kvcounter', false),
      },
      {
        ask: 'del kvcounter',
        body: '{"version":"v0.0.2"}',
        reply: deleted('Successfully deleted last version of application kvcounter', true),
      },
      {
        ask: 'get',
        reply: { result: 'success', message: 'Successfully fetched list of applications', models: [] },
      },
      {
        ask: 'get kvcounter',
        reply: { result: 'notfound', message: 'Application with the name kvcounter not found' },
      },
      {
        ask: 'versions kvcounter',
        reply: { result: 'notfound', message: 'Application with the name kvcounter not found', versions: [] },
      },
    ],
  },
  {
    name: 'requests that are refused',
    exchanges: [
      { ask: 'put', manifest: 'echo.yaml', reply: put('echo', 1, 'v0.0.1') },
      {
        ask: 'put',
        manifest: 'echo.yaml',
        reply: put('echo', 1, 'v0.0.1', 'v0.0.1'),
        wadm: {
          reply: error('Manifest version v0.0.1 already exists'),
          because: 'who applies the same file again, as GitOps does, is not told of an error',
        },
      },
      {
        ask: 'put',
        manifest: 'echo.yaml',
        version: 'latest',
        reply: refused('[error] metadata.annotations.version: latest is not allowed in wadm…'),
        wadm: {
          reply: error('invalid manifest version, errors: …'),
          because: 'the place is told, and what else is wrong',
        },
      },
      {
        ask: 'put',
        body: '{',
        reply: refused('Unable to parse manifest: …'),
        wadm: {
          reply: error('Unable to parse manifest: …'),
          because: 'the place is told',
        },
      },
      {
        ask: 'put',
        manifest: 'echo.yaml',
        contentType: 'text/plain',
        reply: {
          ...refused(
            'Unable to parse manifest: Unsupported content type text/plain given. Wadm supports YAML and JSON',
          ),
          failures: undefined,
        },
        wadm: shortError,
      },
      gone('echo'),
    ],
  },
  {
    name: 'deleting what is not there',
    exchanges: [
      { ask: 'del echo', reply: noop("Application echo doesn't exist or was already deleted") },
      { ask: 'put', manifest: 'echo.yaml', reply: put('echo', 1, 'v0.0.1') },
      { ask: 'deploy echo', reply: deployed('echo', 'v0.0.1') },
      { ask: 'del echo', body: '{"version":"v9"}', reply: noop("Application version v9 doesn't exist") },
      {
        ask: 'versions echo',
        reply: { result: 'success', message: '…', versions: [{ version: 'v0.0.1', deployed: true }] },
      },
      gone('echo'),
      { ask: 'del echo', reply: noop("Application echo doesn't exist or was already deleted") },
    ],
  },
  {
    name: 'subjects that mean nothing',
    exchanges: [
      { ask: 'put echo', manifest: 'echo.yaml', reply: error('Unsupported subject: …') },
      { ask: 'list echo', reply: error('Unsupported subject: …') },
      { ask: 'deploy', reply: error('Unsupported subject: …') },
      { ask: 'del', reply: error('Unsupported subject: …') },
      { ask: 'explode echo', reply: error('Unsupported subject: …') },
      { ask: 'history', reply: error('Unsupported subject: …') },
      {
        ask: 'history echo',
        reply: error('Model deployment history is not currently supported. It may be added in a future version'),
      },
    ],
  },
  {
    name: 'YAML and JSON, by header and without',
    exchanges: [
      { ask: 'put', manifest: 'simple1.json', ...warned(put('my-example-app', 1, 'v0.0.1')) },
      {
        ask: 'put',
        manifest: 'simple1.yaml',
        version: 'v0.0.2',
        contentType: 'application/yaml',
        ...warned(put('my-example-app', 2, 'v0.0.2', 'v0.0.1')),
      },
      {
        ask: 'put',
        manifest: 'simple1.json',
        version: 'v0.0.3',
        contentType: 'application/json',
        ...warned(put('my-example-app', 3, 'v0.0.3', 'v0.0.2')),
      },
      {
        ask: 'put',
        manifest: 'simple2.yaml',
        reply: { ...put('my-example-app', 4, '…', 'v0.0.3'), result: 'newversion' },
      },
      gone('my-example-app'),
    ],
  },
  {
    name: 'deploy and undeploy',
    exchanges: [
      {
        ask: 'deploy echo',
        reply: { result: 'notfound', message: 'Application with the name echo not found', name: 'echo', version: null },
      },
      {
        ask: 'deploy echo',
        body: '{"version":"v9"}',
        reply: { result: 'notfound', message: 'Application with the name echo not found', name: 'echo', version: 'v9' },
      },
      {
        ask: 'undeploy echo',
        reply: { result: 'notfound', message: 'Application with the name echo not found', name: 'echo', version: null },
      },
      { ask: 'put', manifest: 'echo.yaml', reply: put('echo', 1, 'v0.0.1') },
      { ask: 'put', manifest: 'echo.yaml', version: 'v0.0.2', reply: put('echo', 2, 'v0.0.2', 'v0.0.1') },
      { ask: 'deploy echo', reply: deployed('echo', 'v0.0.2') },
      { ask: 'deploy echo', body: '{"version":null}', reply: deployed('echo', 'v0.0.2') },
      { ask: 'deploy echo', body: '{"version":"v0.0.1"}', reply: deployed('echo', 'v0.0.1') },
      { ask: 'deploy echo', body: '{"version":"v0.0.1"}', reply: deployed('echo', 'v0.0.1') },
      { ask: 'deploy echo', body: '{"version":"latest"}', reply: deployed('echo', 'v0.0.2') },
      {
        ask: 'deploy echo',
        body: '{"version":"v9"}',
        reply: {
          ...error("Application with the name 'echo' does not have a version 'v9' to deploy"),
          name: 'echo',
          version: 'v9',
        },
      },
      {
        ask: 'deploy echo',
        body: 'no',
        reply: { ...error('Unable to parse deploy application request: …'), name: 'echo', version: null },
        wadm: shortError,
      },
      {
        ask: 'get',
        reply: {
          result: 'success',
          message: '…',
          models: [summary('echo', 'v0.0.2', 'v0.0.2', 'answers what it is asked')],
        },
      },
      { ask: 'undeploy echo', reply: undeployed('echo', 'Successfully undeployed application echo') },
      { ask: 'undeploy echo', reply: undeployed('echo', 'Application echo was already undeployed') },
      gone('echo'),
    ],
  },
  {
    name: 'deleting what is deployed',
    exchanges: [
      { ask: 'put', manifest: 'echo.yaml', reply: put('echo', 1, 'v0.0.1') },
      { ask: 'put', manifest: 'echo.yaml', version: 'v0.0.2', reply: put('echo', 2, 'v0.0.2', 'v0.0.1') },
      { ask: 'deploy echo', body: '{"version":"v0.0.1"}', reply: deployed('echo', 'v0.0.1') },
      {
        ask: 'del echo',
        body: '{"version":"v0.0.1"}',
        reply: deleted('Successfully deleted version v0.0.1 of application echo', true),
      },
      gone('echo'),
    ],
  },
  {
    name: 'status',
    exchanges: [
      {
        ask: 'status nobody',
        reply: {
          result: 'ok',
          message: 'Successfully fetched status for application nobody',
          status: { status: { type: 'undeployed' }, version: '', components: [] },
        },
      },
    ],
  },
  {
    name: 'shared components',
    exchanges: [
      {
        ask: 'put',
        manifest: 'shared-http-dev.yaml',
        reply: {
          ...put('shared-http-dev', 1, 'v0.0.1'),
          message: 'Successfully put manifest shared-http-dev , but some shared components are not deployed: …',
        },
      },
      {
        ask: 'deploy shared-http-dev',
        reply: {
          ...error('Application contains shared components that are not deployed in other applications: …'),
          name: 'shared-http-dev',
          version: null,
        },
        wadm: shortError,
      },
      { ask: 'put', manifest: 'shared-http.yaml', reply: put('shared-http', 1, 'v0.0.1') },
      { ask: 'deploy shared-http', reply: deployed('shared-http', 'v0.0.1') },
      { ask: 'deploy shared-http-dev', reply: deployed('shared-http-dev', 'v0.0.1') },
      gone('shared-http-dev'),
      gone('shared-http'),
      ...(['shared-no-matching-app', 'shared-no-matching-component', 'notshared-http-dev'] as const).flatMap(
        (file): WadmExchange[] => {
          const name = file.replace('shared-no-', 'no-');
          return [
            { ask: 'put', manifest: `${file}.yaml`, reply: { ...put(name, 1, 'v0.0.1'), message: '…' } },
            {
              ask: `deploy ${name}`,
              reply: {
                ...error('Application contains shared components that are not deployed …'),
                name,
                version: null,
              },
              wadm: shortError,
            },
            gone(name),
          ];
        },
      ),
    ],
  },
  {
    name: 'an id that another application has',
    exchanges: [
      { ask: 'put', manifest: 'outdated-app.yaml', reply: put('updateapp', 1, 'v0.0.1') },
      { ask: 'deploy updateapp', reply: deployed('updateapp', 'v0.0.1') },
      { ask: 'put', manifest: 'upgraded-app3.yaml', reply: put('dontupdateapp', 1, 'v0.0.1') },
      {
        ask: 'deploy dontupdateapp',
        reply: {
          ...error("Component identifier 'http_server' is already deployed in a different application 'updateapp'."),
          name: 'dontupdateapp',
          version: null,
        },
        wadm: shortError,
      },
      { ask: 'put', manifest: 'upgraded-app.yaml', reply: put('updateapp', 2, 'v0.0.2', 'v0.0.1') },
      { ask: 'deploy updateapp', reply: deployed('updateapp', 'v0.0.2') },
      { ask: 'put', manifest: 'upgraded-app2.yaml', reply: put('updateapp', 3, 'v0.0.3', 'v0.0.2') },
      { ask: 'deploy updateapp', body: '{"version":"v0.0.1"}', reply: deployed('updateapp', 'v0.0.1') },
      gone('dontupdateapp'),
      gone('updateapp'),
    ],
  },
];
