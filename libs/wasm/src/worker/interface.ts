/** What the bindings import under the name of an interface: functions, and classes for its resources. */
export type Interface = Readonly<Record<string, unknown>>;

/** By `ns:pkg/iface`, without version. */
export type Interfaces = Readonly<Record<string, Interface>>;

/** A resource of which a guest never holds an instance: the class is there because the bindings ask for it. */
export class Unobtainable {
  readonly unobtainable = true;
}
