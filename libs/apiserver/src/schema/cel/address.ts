import { isIPv4, isIPv6 } from 'node:net';

/** The text is no address, or no network. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** An IP address as rules see it: its bits, and how many they are. Source: k8s.io/apiserver pkg/cel/library ip.go. */
export class Ip {
  readonly bits: bigint;
  readonly width: 32 | 128;

  private constructor(bits: bigint, width: 32 | 128) {
    this.bits = bits;
    this.width = width;
  }

  /** @throws AddressError also for what Kubernetes does not take: zones, and IPv4 addresses mapped into IPv6 */
  static parse(text: string): Ip {
    if (isIPv4(text)) return new Ip(bitsOfIPv4(text), 32);
    if (!isIPv6(text) || text.includes('%')) {
      throw new AddressError(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
    }
    if (text.includes('.')) {
      throw new AddressError(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`);
    }
    return new Ip(bitsOfIPv6(text), 128);
  }

  static isIp(text: string): boolean {
    return succeeds(() => Ip.parse(text));
  }

  get family(): bigint {
    return this.width === 32 ? 4n : 6n;
  }

  get isUnspecified(): boolean {
    return this.bits === 0n;
  }

  get isLoopback(): boolean {
    return this.width === 32 ? this.bits >> 24n === 127n : this.bits === 1n;
  }

  get isLinkLocalUnicast(): boolean {
    return this.width === 32 ? this.bits >> 16n === 0xa9_fen : this.bits >> 118n === 0x3fan;
  }

  get isLinkLocalMulticast(): boolean {
    return this.width === 32
      ? this.bits >> 8n === 0xe0_00_00n
      : ((this.bits >> 112n) & 0xff0fn) === 0xff02n && this.bits >> 120n === 0xffn;
  }

  get isGlobalUnicast(): boolean {
    const isBroadcast = this.width === 32 && this.bits === 0xff_ff_ff_ffn;
    return !isBroadcast && !this.isUnspecified && !this.isLoopback && !this.isMulticast && !this.isLinkLocalUnicast;
  }

  private get isMulticast(): boolean {
    return this.width === 32 ? this.bits >> 28n === 0xen : this.bits >> 120n === 0xffn;
  }

  sameAs(other: Ip): boolean {
    return this.width === other.width && this.bits === other.bits;
  }

  /** The address with all but its first bits cleared. */
  masked(length: number): Ip {
    const rest = BigInt(this.width - length);
    return new Ip((this.bits >> rest) << rest, this.width);
  }

  /** In the canonical form of RFC 5952. */
  toString(): string {
    const part = (at: number, size: number): bigint => (this.bits >> BigInt(at)) & ((1n << BigInt(size)) - 1n);
    if (this.width === 32) return [24, 16, 8, 0].map((at) => part(at, 8)).join('.');
    const groups = Array.from({ length: 8 }, (_none, index) => part(112 - index * 16, 16).toString(16));
    return compressed(groups);
  }
}

/** A network: an address and how many of its bits count. */
export class Cidr {
  readonly ip: Ip;
  readonly length: number;

  private constructor(ip: Ip, length: number) {
    this.ip = ip;
    this.length = length;
  }

  /** @throws AddressError */
  static parse(text: string): Cidr {
    const [address = '', length = '', ...more] = text.split('/');
    if (more.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length) || !Ip.isIp(address)) {
      throw new AddressError(`network address parse error during conversion from string: ${text}`);
    }
    const ip = Ip.parse(address);
    if (Number(length) > ip.width) {
      throw new AddressError(`network address parse error during conversion from string: ${text}`);
    }
    return new Cidr(ip, Number(length));
  }

  static isCidr(text: string): boolean {
    return succeeds(() => Cidr.parse(text));
  }

  containsIp(ip: Ip): boolean {
    return ip.width === this.ip.width && ip.masked(this.length).sameAs(this.ip.masked(this.length));
  }

  containsCidr(other: Cidr): boolean {
    return other.length >= this.length && this.containsIp(other.ip);
  }

  masked(): Cidr {
    return new Cidr(this.ip.masked(this.length), this.length);
  }

  sameAs(other: Cidr): boolean {
    return this.length === other.length && this.ip.sameAs(other.ip);
  }

  toString(): string {
    return `${this.ip.toString()}/${this.length}`;
  }
}

const bitsOfIPv4 = (text: string): bigint => text.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);

function bitsOfIPv6(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** The longest run of at least two zeros becomes `::`, the first of several. */
function compressed(groups: readonly string[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start += 1) {
    const rest = groups.slice(start);
    const end = rest.findIndex((group) => group !== '0');
    const length = end < 0 ? rest.length : end;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

function succeeds(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof AddressError) return false;
    throw error;
  }
}
