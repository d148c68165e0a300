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

/** The metrics of one process, and the text that Prometheus reads. */
export interface Metrics {
  counter<Label extends string = never>(spec: MetricSpec<Label>): CounterMetric<Label>;
  gauge<Label extends string = never>(spec: GaugeSpec<Label>): GaugeMetric<Label>;
  histogram<Label extends string = never>(spec: HistogramSpec<Label>): HistogramMetric<Label>;
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

class PromMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #prefix: string;
  readonly contentType: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.contentType = this.#registry.contentType;
    collectDefaultMetrics({ register: this.#registry });
  }

  counter<Label extends string = never>(spec: MetricSpec<Label>): CounterMetric<Label> {
    const metric = new Counter(this.#configuration(spec, /_total$/, 'a counter ends in _total'));
    for (const series of spec.series ?? []) metric.inc(series, 0);
    return metric;
  }

  gauge<Label extends string = never>(spec: GaugeSpec<Label>): GaugeMetric<Label> {
    const { read } = spec;
    const base = this.#configuration(spec, /(?<!_total)$/, 'only a counter ends in _total');
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
      ...this.#configuration(spec, /_(seconds|bytes)$/, 'a histogram ends in its unit, _seconds or _bytes'),
      buckets: [...(spec.buckets ?? DEFAULT_BUCKETS)],
    });
    for (const series of spec.series ?? []) metric.zero(series);
    return metric;
  }

  async render(): Promise<string> {
    return this.#registry.metrics();
  }

  #configuration<Label extends string>(
    spec: MetricSpec<Label>,
    ending: RegExp,
    rule: string,
  ): { name: string; help: string; labelNames: Label[]; registers: Registry[] } {
    const name = `${this.#prefix}_${spec.name}`;
    requireName(name, ending, rule);
    return { name, help: spec.help, labelNames: [...(spec.labels ?? [])], registers: [this.#registry] };
  }
}

/** A registry of its own with the usual metrics of the process and of Node. `prefix` starts the name of all others. */
export const createMetrics = ({ prefix = 'kasmcloud' }: { readonly prefix?: string } = {}): Metrics =>
  new PromMetrics(prefix);
