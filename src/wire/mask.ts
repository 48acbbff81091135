/** Copies of inputs and outputs for the record: secrets hidden, bodies and blobs left out. */
import type { OperationModel } from './model.ts';
import type { Member, Shape } from './shape.ts';

/** What CloudTrail writes in place of a secret. */
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** A deep copy with members that the model marks sensitive replaced by `HIDDEN`, and without blobs and streams. */
export function mask(operation: OperationModel, side: 'input' | 'output', value: object): object {
  return structure(operation[side], value);
}

function structure(shape: Shape, value: object): object {
  if (shape.sensitive) return { [HIDDEN]: HIDDEN };
  const source = value as Record<string, unknown>;
  const out: Record<string, unknown> = {};
  const members = membersByName(shape);
  for (const key of Object.keys(source)) {
    const member = members.get(key);
    const item = source[key];
    if (!member || item === undefined || item === null || member.shape.type === 'blob') continue;
    out[key] = masked(member, item);
  }
  return out;
}

const byName = new WeakMap<Shape, ReadonlyMap<string, Member>>();

function membersByName(shape: Shape): ReadonlyMap<string, Member> {
  let members = byName.get(shape);
  if (!members) {
    members = new Map(shape.members.map((member) => [member.name, member]));
    byName.set(shape, members);
  }
  return members;
}

function masked(member: Member, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (member.sensitive) return HIDDEN;
  const { shape } = member;
  switch (shape.type) {
    case 'structure':
    case 'union':
      return structure(shape, value as object);
    case 'list':
      if (shape.element.shape.type === 'blob') return [];
      return (value as unknown[]).map((item) => masked(shape.element, item));
    case 'map': {
      const out = Object.create(null) as Record<string, unknown>;
      if (shape.value.shape.type === 'blob') return out;
      for (const [key, item] of Object.entries(value as object)) {
        out[shape.key.sensitive ? HIDDEN : key] = masked(shape.value, item);
      }
      return out;
    }
    case 'blob':
      return undefined;
    default:
      return value;
  }
}
