/** A provider cannot be run in pods. `reason` is that of its condition. */
export class ContainerRefusedError extends Error {
  override readonly name = 'ContainerRefusedError';
  readonly reason: 'ConfigMissing' | 'ContainersOff' | 'NameTaken' | 'NotALattice' | 'SecretMissing' | 'SecretRefused';

  constructor(reason: ContainerRefusedError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
