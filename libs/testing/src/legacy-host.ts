import { connectLattice, type LatticeConnection, type LatticeMessage } from '@kasmcloud/lattice';
import {
  controlSubject,
  ctlDone,
  ctlOk,
  ctlRefused,
  decodeJson,
  encodeEvent,
  encodeJson,
  eventSubject,
  hostControlSubject,
  hostLabel,
  hostLabelIdentifier,
  scaleComponentCommand,
  startProviderCommand,
  stopProviderCommand,
  type ComponentDescription,
  type CtlResponse,
  type HostEvent,
  type HostInventory,
  type ProviderDescription,
} from '@kasmcloud/wire';

type Told = HostEvent extends infer E ? (E extends HostEvent ? Omit<E, 'id' | 'source'> : never) : never;

interface RunningComponent extends ComponentDescription {
  readonly config: readonly string[];
}

/**
 * A wasmCloud 1.x host that obeys: it speaks the control interface as reference hosts do, answers at once, carries out a
 * little later, and runs nothing behind it.
 */
export class SimulatedLegacyHost {
  readonly id: string;
  readonly components = new Map<string, RunningComponent>();
  readonly providers = new Map<string, ProviderDescription>();
  /** Commands that came, as `scale hello 3`. */
  readonly commands: string[] = [];
  /** Images that cannot be fetched. */
  readonly missing = new Set<string>();
  labels: Record<string, string>;
  readonly #lattice: string;
  readonly #connection: LatticeConnection;
  readonly #startedAt = Date.now();
  #timer: ReturnType<typeof setInterval> | undefined;

  private constructor(connection: LatticeConnection, lattice: string, id: string, labels: Record<string, string>) {
    this.#connection = connection;
    this.#lattice = lattice;
    this.id = id;
    this.labels = { 'hostcore.os': 'linux', ...labels };
    const on = (subject: string, answer: (message: LatticeMessage) => CtlResponse<unknown>): void => {
      connection.subscribe(subject, (message) => {
        const payload = encodeJson(answer(message));
        if (message.reply !== undefined) connection.publish(message.reply, payload);
      });
    };
    on(controlSubject.hostPing(lattice), () => ctlOk({ lattice, ...this.#about(), id }));
    on(controlSubject.hostGet(lattice, id), () => ctlOk(this.#inventory()));
    on(hostControlSubject(lattice, 'component', id), ({ data }) => this.#scale(data));
    on(hostControlSubject(lattice, 'provider', id), ({ subject, data }) =>
      subject.includes('.start.') ? this.#start(data) : this.#stop(data),
    );
    on(hostControlSubject(lattice, 'label', id), ({ subject, data }) => this.#label(subject, data));
  }

  static async start(
    url: string,
    { id, lattice, labels = {} }: { id: string; lattice: string; labels?: Record<string, string> },
  ): Promise<SimulatedLegacyHost> {
    const connection = await connectLattice({ servers: url, name: `legacy-${id.slice(0, 4)}` });
    const host = new SimulatedLegacyHost(connection, lattice, id, labels);
    await connection.flush({ timeoutMs: 5_000 });
    const { friendly_name, version } = host.#about();
    host.#tell({ name: 'host_started', data: { friendly_name, version, labels: host.labels, uptime_seconds: 0 } });
    host.#timer = setInterval(() => host.#tell({ name: 'host_heartbeat', data: host.#inventory() }), 500);
    return host;
  }

  /** Gone without a word, with all that it ran. */
  async kill(): Promise<void> {
    clearInterval(this.#timer);
    await this.#connection.close();
  }

  #scale(data: Uint8Array): CtlResponse<unknown> {
    const command = decodeJson('command', scaleComponentCommand, data);
    const { component_id: id, count, config } = command;
    this.commands.push(`scale ${id} ${count}`);
    setTimeout(() => this.#carryOut(command), 20);
    const known = this.components.get(id);
    const isOther = known !== undefined && count > 0 && known.image_ref !== command.component_ref;
    return ctlDone(isOther ? `Requested to scale to a different image with config ${config.join()}` : '');
  }

  #carryOut({ component_id: id, component_ref, count, annotations, config, component_limits }: ScaleCommand): void {
    const known = this.components.get(id);
    const image = known?.image_ref ?? component_ref;
    const data = {
      annotations: { ...annotations },
      host_id: this.id,
      image_ref: image,
      max_instances: count,
      component_id: id,
    };
    if (count > 0 && known === undefined && this.missing.has(component_ref)) {
      const error = `failed to fetch component: ${component_ref}: not found`;
      return this.#tell({ name: 'component_scale_failed', data: { ...data, error } });
    }
    if (count === 0) this.components.delete(id);
    else if (known?.max_instances !== count || known.config.join() !== config.join())
      this.components.set(id, {
        id,
        image_ref: image,
        annotations: { ...annotations },
        revision: 0,
        max_instances: count,
        limits: component_limits,
        config,
      });
    this.#tell({ name: 'component_scaled', data });
  }

  #start(data: Uint8Array): CtlResponse<unknown> {
    const { provider_id: id, provider_ref, annotations } = decodeJson('command', startProviderCommand, data);
    this.commands.push(`start ${id}`);
    if (this.providers.has(id)) return ctlRefused('provider with that ID is already running');
    setTimeout(() => {
      if (this.missing.has(provider_ref)) {
        const error = `failed to fetch provider: ${provider_ref}: not found`;
        this.#tell({ name: 'provider_start_failed', data: { host_id: this.id, provider_id: id, provider_ref, error } });
        return;
      }
      const said = { ...annotations };
      this.providers.set(id, { id, image_ref: provider_ref, revision: 0, annotations: said });
      const started = { host_id: this.id, image_ref: provider_ref, provider_id: id, annotations: said };
      this.#tell({ name: 'provider_started', data: started });
    }, 20);
    return ctlDone('successfully started provider');
  }

  #stop(data: Uint8Array): CtlResponse<unknown> {
    const { provider_id: id } = decodeJson('command', stopProviderCommand, data);
    this.commands.push(`stop ${id}`);
    if (!this.providers.delete(id)) return ctlRefused('provider with that ID is not running');
    const stopped = { host_id: this.id, provider_id: id, annotations: {}, reason: 'stop' };
    this.#tell({ name: 'provider_stopped', data: stopped });
    return ctlDone('successfully stopped provider');
  }

  #label(subject: string, data: Uint8Array): CtlResponse<unknown> {
    const isPut = subject.includes('.put.');
    const { key } = decodeJson('label', hostLabelIdentifier, data);
    const { [key]: _, ...others } = this.labels;
    this.labels = isPut ? { ...others, [key]: decodeJson('label', hostLabel, data).value } : others;
    this.commands.push(`label ${key}=${this.labels[key] ?? ''}`);
    this.#tell({ name: 'labels_changed', data: { host_id: this.id, labels: this.labels } });
    return ctlDone('successfully put label');
  }

  #tell(told: Told): void {
    if (!this.#connection.isConnected) return;
    const event = { ...told, id: String(Math.random()), source: this.id, time: new Date().toISOString() };
    this.#connection.publish(eventSubject(this.#lattice, told.name), encodeEvent(event));
  }

  #about() {
    const uptime = Math.floor((Date.now() - this.#startedAt) / 1_000);
    return { friendly_name: 'obedient-host', version: '1.9.2', labels: this.labels, uptime_seconds: uptime };
  }

  #inventory(): HostInventory {
    const components = [...this.components.values()];
    const providers = [...this.providers.values()];
    return { components, providers, host_id: this.id, uptime_human: '', ...this.#about() };
  }
}

type ScaleCommand = ReturnType<typeof scaleComponentCommand.parse>;
