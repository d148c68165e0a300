/**
 * Draws the pictures of docs/placement.md out of real plans: the situations of test/fixtures/plans, each with the plan that
 * is checked in beside it. `node docs/placement/draw.mjs` writes them, `--check` fails when one is not up to date.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const pictures = [
  'region-loss',
  'drain',
  'new-hosts-rebalance',
  'weights',
  'full-zone',
  'overflow',
  'fail-back',
  'anti-affinity',
  'preemption',
  'priority',
  'changed-spec',
  'scale-down',
  'wadm-spreads',
  'daemon',
];

const folder = import.meta.dirname;
const fixtures = join(folder, '../../test/fixtures/plans');
const clusterLabel = 'kasmcloud.io/cluster';
const zoneLabel = 'topology.kubernetes.io/zone';
const colours = ['#2563eb', '#d97706', '#059669', '#9333ea'];

const DOT = 7;
const STEP = 18;
const PER_ROW = 5;
const HOST_WIDTH = PER_ROW * STEP + 14;
const GAP = 12;
const MAX_WIDTH = 860;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = (x, y, content, style = '') => `<text x="${x}" y="${y}" ${style}>${escaped(content)}</text>`;
const box = (x, y, width, height, style) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" ${style}/>`;

/** The objects of a situation, and its plan. */
async function readSituation(name) {
  const [input, args, plan] = await Promise.all(
    ['input.yaml', 'args', 'plan.json'].map((file) => readFile(join(fixtures, name, file), 'utf8')),
  );
  const objects = parseAllDocuments(input).map((document) => document.toJS());
  return { objects, args: args.trim(), plan: JSON.parse(plan) };
}

/** For each distribution and host: replicas that stay, that arrive, and that go. */
function dotsOf({ plan }) {
  const dots = new Map();
  const at = ({ cluster, host }, distribution) => {
    const key = `${cluster}/${host}/${distribution}`;
    if (!dots.has(key)) dots.set(key, { cluster, host, distribution, stay: 0, come: 0, go: 0 });
    return dots.get(key);
  };
  for (const one of plan.assignments) at(one, one.distribution).stay += one.replicas;
  for (const { from, to, distribution, replicas } of plan.moves) {
    if (from !== null) at(from, distribution).go += replicas;
    if (to === null) continue;
    at(to, distribution).come += replicas;
    at(to, distribution).stay -= replicas;
  }
  return [...dots.values()].toSorted((a, b) => (a.distribution < b.distribution ? -1 : 1));
}

function dot(x, y, colour, state) {
  if (state === 'go')
    return `<circle cx="${x}" cy="${y}" r="${DOT - 1}" fill="none" stroke="${colour}" stroke-width="1.5" stroke-dasharray="3 2"/>`;
  const ring = state === 'come' ? ' stroke="#111827" stroke-width="2.5"' : '';
  return `<circle cx="${x}" cy="${y}" r="${DOT}" fill="${colour}"${ring}/>`;
}

const isLost = (args, cluster, host) =>
  [`cluster/${cluster}`, `host/${host}`, `host/${cluster}/${host}`].some((what) => args.split(/\s+/).includes(what));

/** What a reader must know of a host, besides its name. */
function noteOf({ spec = {}, metadata, status = {} }, lost) {
  if (lost) return 'lost';
  if (spec.taints?.length > 0) return `taint ${spec.taints[0].key.split('/').at(-1)}`;
  if (spec.unschedulable) return 'cordoned';
  if (metadata.labels[zoneLabel] !== undefined) return metadata.labels[zoneLabel];
  const own = Object.entries(metadata.labels).find(([key]) => key !== clusterLabel);
  if (own !== undefined) return own.join(' ');
  const { instances, memory } = status.allocatable ?? {};
  return memory ?? (instances === undefined ? '' : `room for ${instances}`);
}

function drawHost(host, dots, colourOf, rows, args) {
  const { name, labels } = host.metadata;
  const lost = isLost(args, labels[clusterLabel], name);
  const height = 40 + rows * STEP;
  const parts = [
    box(
      0,
      0,
      HOST_WIDTH,
      height,
      `fill="${lost ? '#f3f4f6' : '#ffffff'}" stroke="#9ca3af"${lost ? ' stroke-dasharray="4 3"' : ''}`,
    ),
    text(8, 16, name, 'font-weight="600"'),
    text(8, 31, noteOf(host, lost), 'fill="#6b7280" font-size="11"'),
  ];
  const all = dots.flatMap(({ distribution, stay, come, go }) =>
    [...Array(stay).fill('stay'), ...Array(come).fill('come'), ...Array(go).fill('go')].map((state) => ({
      distribution,
      state,
    })),
  );
  for (const [index, { distribution, state }] of all.entries()) {
    const x = 7 + STEP / 2 + (index % PER_ROW) * STEP;
    const y = 40 + STEP / 2 + Math.floor(index / PER_ROW) * STEP - 2;
    parts.push(dot(x, y, colourOf(distribution), state));
  }
  return { height, svg: parts.join('') };
}

function drawCluster(cluster, hosts, dots, colourOf, args) {
  const inside = (host) =>
    dots.filter((one) => one.cluster === cluster.metadata.name && one.host === host.metadata.name);
  const rows = Math.max(
    1,
    ...hosts.map((host) =>
      Math.ceil(inside(host).reduce((sum, { stay, come, go }) => sum + stay + come + go, 0) / PER_ROW),
    ),
  );
  const drawn = hosts.map((host) => drawHost(host, inside(host), colourOf, rows, args));
  const width = hosts.length * (HOST_WIDTH + GAP) + GAP;
  const height = 34 + (drawn[0]?.height ?? 0) + GAP;
  const { region } = cluster.spec ?? {};
  const title = region === undefined ? cluster.metadata.name : `${cluster.metadata.name} · region ${region}`;
  const svg = [
    box(0, 0, width, height, 'fill="#eef2ff" stroke="#c7d2fe"'),
    text(GAP, 22, title, 'font-weight="600" fill="#3730a3"'),
    ...drawn.map((one, index) => `<g transform="translate(${GAP + index * (HOST_WIDTH + GAP)} 34)">${one.svg}</g>`),
  ].join('');
  return { width, height, svg };
}

/** Clusters in rows of at most MAX_WIDTH, then what has no place, then what the dots mean. */
function draw({ objects, args, plan }) {
  const ofKind = (kind) => objects.filter((one) => one.kind === kind);
  const dots = dotsOf({ plan });
  const names = [...new Set([...dots, ...plan.unplaced].map(({ distribution }) => distribution))].toSorted((a, b) =>
    a < b ? -1 : 1,
  );
  const colourOf = (distribution) => colours[names.indexOf(distribution) % colours.length];
  const parts = [];
  let [x, y, rowHeight, width] = [GAP, GAP, 0, 0];
  for (const cluster of ofKind('WasmCloudCluster')) {
    const hosts = ofKind('WasmCloudHost').filter(
      ({ metadata }) => metadata.labels[clusterLabel] === cluster.metadata.name,
    );
    const drawn = drawCluster(cluster, hosts, dots, colourOf, args);
    if (x > GAP && x + drawn.width > MAX_WIDTH) [x, y, rowHeight] = [GAP, y + rowHeight + GAP, 0];
    parts.push(`<g transform="translate(${x} ${y})">${drawn.svg}</g>`);
    x += drawn.width + GAP;
    rowHeight = Math.max(rowHeight, drawn.height);
    width = Math.max(width, x);
  }
  y += rowHeight + GAP;
  for (const { distribution, replicas, reasons } of plan.unplaced) {
    parts.push(dot(GAP + DOT, y + 6, colourOf(distribution), 'go'));
    parts.push(
      text(
        GAP + 20,
        y + 10,
        `${replicas} of ${distribution} without a place: ${reasons.map(({ code }) => code).join(', ')}`,
      ),
    );
    y += 22;
  }
  const legend = [...names.map((name) => [name, 'stay', colourOf(name)]), ...meanings(dots)];
  let at = GAP;
  for (const [label, state, colour] of legend) {
    parts.push(dot(at + DOT, y + 6, colour, state), text(at + 20, y + 10, label));
    at += 38 + label.length * 7.5;
  }
  width = Math.ceil(Math.max(width, at));
  const height = y + 26;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

const meanings = (dots) => [
  ...(dots.some(({ come }) => come > 0) ? [['starts here', 'come', '#9ca3af']] : []),
  ...(dots.some(({ go }) => go > 0) ? [['leaves', 'go', '#4b5563']] : []),
];

let isStale = false;
for (const name of pictures) {
  const file = join(folder, `${name}.svg`);
  const svg = draw(await readSituation(name));
  if (!process.argv.includes('--check')) await writeFile(file, svg);
  else if (svg !== (await readFile(file, 'utf8').catch(() => ''))) {
    isStale = true;
    console.error(`docs/placement/${name}.svg is not up to date: run node docs/placement/draw.mjs`);
  }
}
process.exitCode = isStale ? 1 : 0;
