import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Label values of one time series. */
export type Series<Label extends string> = Readonly<Record<Label, string>>;

export interface MetricSpec<Label extends string> {
  /** Noun and unit without the prefix: `placements_total`, `plan_duration_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
  /** Series that are reported from the start with 0, so that a rate over the first event is not lost. */
  readonly series?: readonly Series<Label>[];
}

export interface GaugeSpec<Label extends string> extends MetricSpec<Label> {
  /** Asked at every scrape, for a gauge without labels. */
  readonly read?: () => number;
}

export interface HistogramSpec<Label extends string> extends MetricSpec<Label> {
  /** Upper bounds, ascending. Default: 1 ms to 30 s. */
  readonly buckets?: readonly number[];
}

export type CounterMetric<Label extends string> = Pick<Counter<Label>, 'inc'>;
export type GaugeMetric<Label extends string> = Pick<Gauge<Label>, 'set' | 'inc' | 'dec' | 'remove'>;
export type HistogramMetric<Label extends string> = Pick<Histogram<Label>, 'observe' | 'startTimer'>;

/** One value of a metric that is kept elsewhere. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string;
}

export interface SampledSpec {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** Asked at every scrape. */
  readonly read: () => Iterable<Sample>;
}

/** The metrics of one process, and the text that Prometheus reads. */
export interface Metrics {
  counter<Label extends string = never>(spec: MetricSpec<Label>): CounterMetric<Label>;
  gauge<Label extends string = never>(spec: GaugeSpec<Label>): GaugeMetric<Label>;
  histogram<Label extends string = never>(spec: HistogramSpec<Label>): HistogramMetric<Label>;
  /** A metric whose values are kept elsewhere, because they arise where this library is not. */
  sampled(spec: SampledSpec): void;
  /** Prometheus text exposition format 0.0.4. */
  render(): Promise<string>;
  readonly contentType: string;
}

/** A metric was declared under a name that dashboards could not guess. */
export class MetricNameError extends Error {
  override readonly name = 'MetricNameError';
  readonly metric: string;

  constructor(metric: string, rule: string) {
    super(`metric ${metric}: ${rule}`);
    this.metric = metric;
  }
}

const DEFAULT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const requireName = (name: string, ending: RegExp, rule: string): void => {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new MetricNameError(name, 'use lower case letters, digits and _');
  if (!ending.test(name)) throw new MetricNameError(name, rule);
};

/** What names of each kind end in. */
const endings = {
  counter: { ending: /_total$/, rule: 'a counter ends in _total' },
  gauge: { ending: /(?<!_total)$/, rule: 'only a counter ends in _total' },
  histogram: { ending: /_(seconds|bytes)$/, rule: 'a histogram ends in its unit, _seconds or _bytes' },
} as const;

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const sampledText = ({ name, help, kind, read }: SampledSpec): string => {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`];
  for (const { labels, value, suffix = '' } of read()) {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    lines.push(`${name}${suffix}{${pairs.join(',')}} ${value}`);
  }
  return `${lines.join('\n')}\n`;
};

class PromMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #prefix: string;
  readonly #sampled: SampledSpec[] = [];
  readonly contentType: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.contentType = this.#registry.contentType;
    collectDefaultMetrics({ register: this.#registry });
  }

  counter<Label extends string = never>(spec: MetricSpec<Label>): CounterMetric<Label> {
    const metric = new Counter(this.#configuration(spec, 'counter'));
    for (const series of spec.series ?? []) metric.inc(series, 0);
    return metric;
  }

  gauge<Label extends string = never>(spec: GaugeSpec<Label>): GaugeMetric<Label> {
    const { read } = spec;
    const base = this.#configuration(spec, 'gauge');
    const metric = new Gauge<Label>(
      read === undefined
        ? base
        : {
            ...base,
            collect(): void {
              this.set(read());
            },
          },
    );
    for (const series of spec.series ?? []) metric.set(series, 0);
    return metric;
  }

  histogram<Label extends string = never>(spec: HistogramSpec<Label>): HistogramMetric<Label> {
    const metric = new Histogram({
      ...this.#configuration(spec, 'histogram'),
      buckets: [...(spec.buckets ?? DEFAULT_BUCKETS)],
    });
    for (const series of spec.series ?? []) metric.zero(series);
    return metric;
  }

  sampled(spec: SampledSpec): void {
    const name = `${this.#prefix}_${spec.name}`;
    const { ending, rule } = endings[spec.kind];
    requireName(name, ending, rule);
    this.#sampled.push({ ...spec, name });
  }

  async render(): Promise<string> {
    return [await this.#registry.metrics(), ...this.#sampled.map(sampledText)].join('\n');
  }

  #configuration<Label extends string>(
    spec: MetricSpec<Label>,
    kind: keyof typeof endings,
  ): { name: string; help: string; labelNames: Label[]; registers: Registry[] } {
    const name = `${this.#prefix}_${spec.name}`;
    const { ending, rule } = endings[kind];
    requireName(name, ending, rule);
    return { name, help: spec.help, labelNames: [...(spec.labels ?? [])], registers: [this.#registry] };
  }
}

/** A registry of its own with the usual metrics of the process and of Node. `prefix` starts the name of all others. */
export const createMetrics = ({ prefix = 'kasmcloud' }: { readonly prefix?: string } = {}): Metrics =>
  new PromMetrics(prefix);
