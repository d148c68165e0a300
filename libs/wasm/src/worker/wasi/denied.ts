// Sockets: the interfaces are there, because language run-times import them whether the program needs them or
// not, and everything in them is refused.
import { camelCase } from '@kasmcloud/wrpc';
import { WitError } from '../../error.ts';
import { Unobtainable, type Interfaces } from '../interface.ts';

type Functions = Record<string, (...args: readonly unknown[]) => unknown>;

const refuse = (error: string) => (): never => {
  throw new WitError(error);
};

/** Functions of those WIT names that all fail with `error`. */
const refused = (error: string, names: string): Functions =>
  Object.fromEntries(names.split(' ').map((name) => [camelCase(name), refuse(error)]));

const resource = (error: string, methods = ''): new () => Unobtainable => {
  class Denied extends Unobtainable {}
  if (methods !== '') Object.assign(Denied.prototype, refused(error, methods));
  return Denied;
};

const socket = 'access-denied';

const options = 'set-keep-alive-idle-time keep-alive-idle-time set-keep-alive-interval keep-alive-interval';
const buffers = 'receive-buffer-size set-receive-buffer-size send-buffer-size set-send-buffer-size';
const addresses = 'start-bind finish-bind local-address remote-address address-family subscribe';

const Network = resource(socket);

export const denied: Interfaces = {
  'wasi:sockets/network': { Network, networkErrorCode: () => undefined },
  'wasi:sockets/instance-network': { instanceNetwork: () => new Network() },
  'wasi:sockets/tcp': {
    TcpSocket: resource(
      socket,
      `${addresses} start-connect finish-connect start-listen finish-listen accept is-listening set-listen-backlog-size ` +
        `keep-alive-enabled set-keep-alive-enabled ${options} keep-alive-count set-keep-alive-count hop-limit ` +
        `set-hop-limit ${buffers} shutdown`,
    ),
  },
  'wasi:sockets/tcp-create-socket': refused(socket, 'create-tcp-socket'),
  'wasi:sockets/udp': {
    UdpSocket: resource(socket, `${addresses} stream unicast-hop-limit set-unicast-hop-limit ${buffers}`),
    IncomingDatagramStream: resource(socket, 'receive subscribe'),
    OutgoingDatagramStream: resource(socket, 'check-send send subscribe'),
  },
  'wasi:sockets/udp-create-socket': refused(socket, 'create-udp-socket'),
  'wasi:sockets/ip-name-lookup': {
    ...refused(socket, 'resolve-addresses'),
    ResolveAddressStream: resource(socket, 'resolve-next-address subscribe'),
  },
};
