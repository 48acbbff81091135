/** The shapes of an API, read once from the tuples that the SDK packages export: the only file that knows those tuples. */
import type { Constraint, ConstraintTable } from './constraint.ts';

type ShapeType =
  | 'string'
  | 'number'
  | 'boolean'
  | 'blob'
  | 'timestamp'
  | 'document'
  | 'bigInteger'
  | 'bigDecimal'
  | 'list'
  | 'map'
  | 'structure'
  | 'union';

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

/** The Smithy traits that matter to a server; names as in the Smithy specification. */
export interface Traits {
  readonly http?: readonly [method: string, path: string, status: number];
  readonly endpoint?: readonly [hostPrefix: string];
  readonly httpLabel?: 1;
  readonly httpHeader?: string;
  readonly httpPrefixHeaders?: string;
  readonly httpQuery?: string;
  readonly httpQueryParams?: 1;
  readonly httpPayload?: 1;
  readonly httpResponseCode?: 1;
  readonly httpError?: number;
  readonly awsQueryError?: readonly [code: string, status: number];
  readonly error?: 'client' | 'server';
  readonly idempotencyToken?: 1;
  readonly jsonName?: string;
  readonly mediaType?: string;
  readonly sensitive?: 1;
  readonly sparse?: 1;
  readonly xmlName?: string;
  readonly xmlAttribute?: 1;
  readonly xmlFlattened?: 1;
  readonly xmlNamespace?: string | readonly [prefix: string, uri: string];
  readonly ec2QueryName?: string;
}

/** A named place in a structure, or the element, key or value of a collection. */
export interface Member {
  readonly name: string;
  readonly shape: Shape;
  /** Of the member alone; the target's own are in `shape.traits`. */
  readonly traits: Traits;
  readonly required: boolean;
  readonly sensitive: boolean;
  readonly constraint: Constraint | undefined;
  /** The key in JSON and CBOR. */
  readonly jsonName: string;
  /** The element in XML. */
  readonly xmlName: string;
}

/** One shape. `members` belongs to structures and unions, `element` to lists, `key` and `value` to maps. */
export interface Shape {
  readonly type: ShapeType;
  readonly namespace: string;
  readonly name: string;
  readonly traits: Traits;
  readonly sensitive: boolean;
  readonly streaming: boolean;
  readonly timestampFormat: TimestampFormat | undefined;
  readonly members: readonly Member[];
  readonly element: Member;
  readonly key: Member;
  readonly value: Member;
  /** Members by their JSON name; never has inherited keys. */
  member(jsonName: string): Member | undefined;
}

const NO_TRAITS: Traits = Object.freeze({});
const BIT_TRAITS = [
  'httpLabel',
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
] as const;
const bitTraits = new Map<number, Traits>([[0, NO_TRAITS]]);

function traitsOf(indicator: unknown): Traits {
  if (typeof indicator === 'object' && indicator !== null) return indicator as Traits;
  if (typeof indicator !== 'number') return NO_TRAITS;
  let traits = bitTraits.get(indicator);
  if (!traits) {
    traits = Object.fromEntries(BIT_TRAITS.filter((_, bit) => (indicator >> bit) & 1).map((name) => [name, 1]));
    bitTraits.set(indicator, traits);
  }
  return traits;
}

const LIST_BIT = 0b0100_0000;
const MAP_BIT = 0b1000_0000;
const STREAMING_BLOB = 0b0010_1010;
const SIMPLE: Readonly<Record<number, { type: ShapeType; format?: TimestampFormat }>> = {
  0: { type: 'string' },
  1: { type: 'number' },
  2: { type: 'boolean' },
  4: { type: 'timestamp' },
  5: { type: 'timestamp', format: 'date-time' },
  6: { type: 'timestamp', format: 'http-date' },
  7: { type: 'timestamp', format: 'epoch-seconds' },
  15: { type: 'document' },
  17: { type: 'bigInteger' },
  19: { type: 'bigDecimal' },
  21: { type: 'blob' },
  [STREAMING_BLOB]: { type: 'blob' },
};

class LazyShape implements Shape {
  readonly type: ShapeType;
  readonly namespace: string;
  readonly name: string;
  readonly traits: Traits;
  readonly sensitive: boolean;
  readonly streaming: boolean;
  readonly timestampFormat: TimestampFormat | undefined;
  readonly #resolve: () => readonly Member[];
  #members: readonly Member[] | undefined;
  #byName: Map<string, Member> | undefined;

  constructor(
    type: ShapeType,
    at: {
      namespace?: string;
      name?: string;
      traits?: Traits;
      streaming?: boolean;
      format?: TimestampFormat | undefined;
    },
    resolve: () => readonly Member[] = () => [],
  ) {
    this.type = type;
    this.namespace = at.namespace ?? '';
    this.name = at.name ?? '';
    this.traits = at.traits ?? NO_TRAITS;
    this.sensitive = this.traits.sensitive === 1;
    this.streaming = at.streaming ?? false;
    this.timestampFormat = at.format;
    this.#resolve = resolve;
  }

  get members(): readonly Member[] {
    this.#members ??= this.#resolve();
    return this.#members;
  }
  get element(): Member {
    return this.members[0]!;
  }
  get key(): Member {
    return this.members[0]!;
  }
  get value(): Member {
    return this.members[1]!;
  }
  member(jsonName: string): Member | undefined {
    this.#byName ??= new Map(this.members.map((member) => [member.jsonName, member]));
    return this.#byName.get(jsonName);
  }
}

/** A structure without members, for operations without input or output. */
export const UNIT: Shape = new LazyShape('structure', { name: 'Unit' });

/** A member outside every structure: the root of an input or an output. */
export function rootMember(shape: Shape): Member {
  return {
    name: '',
    shape,
    traits: NO_TRAITS,
    required: false,
    sensitive: shape.sensitive,
    constraint: undefined,
    jsonName: '',
    xmlName: shape.traits.xmlName ?? shape.name,
  };
}

/** Makes a structure of some members of another, such as those that travel in the body. */
export function partOf(shape: Shape, members: readonly Member[]): Shape {
  return new LazyShape(
    shape.type,
    { namespace: shape.namespace, name: shape.name, traits: shape.traits },
    () => members,
  );
}

/** Turns tuples into shapes, each once, and joins each member with its constraint. */
export class ShapeReader {
  readonly #shapes = new Map<unknown, Shape>();
  readonly #constraints: ConstraintTable | undefined;

  constructor(constraints?: ConstraintTable) {
    this.#constraints = constraints;
  }

  /** @throws Error for a tuple of an unknown kind: an SDK newer than this reader. */
  shape(reference: unknown): Shape {
    const schema = typeof reference === 'function' ? (reference() as unknown) : reference;
    const known = this.#shapes.get(schema);
    if (known) return known;
    const made = this.#make(schema);
    this.#shapes.set(schema, made);
    return made;
  }

  #make(schema: unknown): Shape {
    if (schema === 'unit') return UNIT;
    if (typeof schema === 'number') return this.#simple(schema, {});
    if (!Array.isArray(schema)) throw new Error(`unknown schema: ${String(schema)}`);
    const [kind, namespace, name, traitIndicator] = schema as [number, string, string, unknown];
    const at = { namespace, name, traits: traitsOf(traitIndicator) };
    switch (kind) {
      case 0:
        return this.#aliased(schema[4], at);
      case 1:
        return new LazyShape('list', at, () => [this.#member('member', schema[4], name)]);
      case 2:
        return new LazyShape('map', at, () => [
          this.#member('key', schema[4], name),
          this.#member('value', schema[5], name),
        ]);
      case 3:
      case -3:
      case 4: {
        const [names, targets, required = 0] = schema.slice(4) as [string[], unknown[], number?];
        return new LazyShape(kind === 4 ? 'union' : 'structure', at, () =>
          names.map((member, index) => this.#member(member, targets[index], name, index < required)),
        );
      }
      default:
        throw new Error(`unknown schema kind ${kind} of ${namespace}#${name}`);
    }
  }

  /** A named simple shape: the target's type with traits of its own. */
  #aliased(target: unknown, at: { namespace: string; name: string; traits: Traits }): Shape {
    const schema = typeof target === 'function' ? (target() as unknown) : target;
    if (typeof schema === 'number') return this.#simple(schema, at);
    const inner = this.shape(schema);
    return new LazyShape(
      inner.type,
      { ...at, traits: { ...inner.traits, ...at.traits }, streaming: inner.streaming, format: inner.timestampFormat },
      () => inner.members,
    );
  }

  #simple(code: number, at: { namespace?: string; name?: string; traits?: Traits }): Shape {
    if (code >= LIST_BIT) {
      const inner = code >= MAP_BIT ? code - MAP_BIT : code - LIST_BIT;
      if (code >= MAP_BIT) {
        return new LazyShape('map', at, () => [this.#member('key', 0, ''), this.#member('value', inner, '')]);
      }
      return new LazyShape('list', at, () => [this.#member('member', inner, '')]);
    }
    const simple = SIMPLE[code];
    if (!simple) throw new Error(`unknown simple schema ${code}`);
    const streaming = code === STREAMING_BLOB || (at.traits as { streaming?: 1 } | undefined)?.streaming === 1;
    return new LazyShape(simple.type, { ...at, streaming, format: simple.format });
  }

  #member(name: string, reference: unknown, owner: string, required = false): Member {
    const [target, own] =
      Array.isArray(reference) && reference.length === 2 ? (reference as [unknown, unknown]) : [reference, 0];
    const read = () => this.shape(target);
    return new LazyMember(name, read, traitsOf(own), required, this.#constraints?.of(owner, name));
  }
}

/** Resolves its target when first asked, so that recursive and unused shapes cost nothing. */
class LazyMember implements Member {
  readonly name: string;
  readonly traits: Traits;
  readonly required: boolean;
  readonly constraint: Constraint | undefined;
  readonly jsonName: string;
  readonly xmlName: string;
  readonly #read: () => Shape;
  #shape: Shape | undefined;

  constructor(name: string, read: () => Shape, traits: Traits, required: boolean, constraint: Constraint | undefined) {
    this.name = name;
    this.traits = traits;
    this.required = required;
    this.constraint = constraint;
    this.jsonName = traits.jsonName ?? name;
    this.xmlName = traits.xmlName ?? name;
    this.#read = read;
  }

  get shape(): Shape {
    this.#shape ??= this.#read();
    return this.#shape;
  }
  get sensitive(): boolean {
    return this.traits.sensitive === 1 || this.shape.sensitive;
  }
}
