import type { Drawing, DrawnFlow, DrawnFunction, DrawnStore } from './model.ts';
import { arrow, type Box, card, cardHeight, document, LINE, label, nameWidth, rectangle, wrap } from './svg.ts';

const WIDTH = 1240;
const MARGIN = 24;
const INNER = 16;
const GAP = 18;
const PADDING = 20;

/** Lanes from top to bottom: people, the network with its flows, its doors, the data, what watches. */
export function draw(drawing: Drawing, title: string): string {
  const parts: string[] = [label(MARGIN, 36, title, 'title')];
  let y = 62;
  y = chips(parts, y, 'People, each a role that is taken with a second factor', 'person', drawing.people);
  y = network(parts, y, drawing);
  y = cards(
    parts,
    y,
    'Buckets: versions kept, SSE-KMS, TLS 1.2; with a thick line under Object Lock',
    'store',
    drawing.buckets,
  );
  y = chips(parts, y, 'Tables of DynamoDB, under one key; each names who may read its items', 'store', drawing.tables);
  y = chips(parts, y, 'Secrets, and keys that sign', 'key', [...drawing.secrets, ...drawing.signing]);
  y = cards(parts, y, 'Oversight', 'watch', drawing.oversight);
  return document(WIDTH, y, title, parts);
}

/** The subnets without a way out, and the doors in their wall. */
function network(parts: string[], top: number, { flows, doors }: Drawing): number {
  const inside: string[] = [];
  let y = top + 56;
  for (const flow of flows) y = flowRow(inside, y, flow);
  const height = y - top + 4;
  parts.push(rectangle({ x: MARGIN, y: top, width: WIDTH - 2 * MARGIN, height }, 'vpc'));
  parts.push(
    label(
      MARGIN + INNER,
      top + 22,
      'VPC: isolated subnets, no internet gateway, no NAT. Each function has a role, a boundary, a security group and a log of its own',
      'lane',
    ),
  );
  parts.push(...inside);
  const width = 250;
  const step = (WIDTH - 2 * MARGIN) / doors.length;
  doors.forEach((door, index) => {
    const box = { x: Math.round(MARGIN + index * step + (step - width) / 2), y: top + height - 15, width, height: 30 };
    parts.push(card(box, 'door', door, []));
  });
  return top + height + 36;
}

function flowRow(parts: string[], top: number, { name, started, functions, also }: DrawnFlow): number {
  const more = also.length > 0 ? `; then ${also.join(', ')}${functions.length > 0 ? '' : ', above'}` : '';
  parts.push(label(MARGIN + INNER, top, capital(name), 'name'));
  parts.push(label(MARGIN + INNER + 12 + nameWidth(name), top, `${started}${more}`, 'note'));
  if (functions.length === 0) return top + 28;
  const room = WIDTH - 2 * MARGIN - 2 * INNER;
  const width = Math.min(300, Math.floor((room - (functions.length - 1) * GAP) / functions.length));
  const lines = functions.map((each) => linesOf(each, width - PADDING));
  const height = cardHeight(Math.max(...lines.map((each) => each.length)));
  const y = top + 12;
  functions.forEach((each, index) => {
    const box: Box = { x: MARGIN + INNER + index * (width + GAP), y, width, height };
    parts.push(card(box, 'stage', each.name, lines[index] ?? []));
    if (index > 0) parts.push(arrow(box.x - GAP + 1, y + 15, box.x - 2, y + 15));
  });
  return y + height + 30;
}

const linesOf = ({ reads, writes, signs }: DrawnFunction, width: number): string[] => [
  ...(reads.length === 0 ? [] : wrap(`reads ${reads.join(', ')}`, width)),
  ...(writes.length === 0 ? [] : wrap(`writes ${writes.join(', ')}`, width)),
  ...(signs.length === 0 ? [] : wrap(`signs with ${signs.join(', ')}`, width)),
];

function cards(parts: string[], top: number, title: string, kind: string, stores: readonly DrawnStore[]): number {
  parts.push(label(MARGIN, top + 12, title, 'lane'));
  const columns = 6;
  const width = Math.floor((WIDTH - 2 * MARGIN - (columns - 1) * 12) / columns);
  const height = cardHeight(Math.max(0, ...stores.map(({ facts }) => facts.length)));
  stores.forEach(({ name, facts }, index) => {
    const x = MARGIN + (index % columns) * (width + 12);
    const y = top + 24 + Math.floor(index / columns) * (height + 12);
    const locked = facts.some((fact) => /COMPLIANCE|GOVERNANCE/.test(fact));
    parts.push(card({ x, y, width, height }, locked ? 'locked' : kind, name, facts));
  });
  return top + 24 + Math.ceil(stores.length / columns) * (height + 12) + LINE;
}

/** Names only, in rows that fill up. */
function chips(parts: string[], top: number, title: string, kind: string, names: readonly string[]): number {
  parts.push(label(MARGIN, top + 12, title, 'lane'));
  let x = MARGIN;
  let y = top + 24;
  for (const name of names) {
    const width = 20 + nameWidth(name);
    if (x + width > WIDTH - MARGIN) {
      x = MARGIN;
      y += 38;
    }
    parts.push(card({ x, y, width, height: 30 }, kind, name, []));
    x += width + 10;
  }
  return y + 30 + 12 + LINE;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
