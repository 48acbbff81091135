/** Query and EC2 query parameters to typed input. */
import { MAX_DEPTH, MAX_VALUES, unreadable } from '../fault.ts';
import { parseScalar } from '../scalar.ts';
import type { Member, Shape } from '../shape.ts';
import { type Form, type FormNode, formTree } from './form.ts';

const INDEX = /^\d{1,9}$/;

/** @throws WireFault MalformedInput (query) or InvalidParameterValue (EC2) */
export function readQuery(shape: Shape, form: Form, protocol: 'awsQuery' | 'ec2Query'): object {
  return new QueryReader(protocol).structure(shape, formTree(form), 0);
}

class QueryReader {
  readonly #protocol: 'awsQuery' | 'ec2Query';
  readonly #ec2: boolean;
  #values = 0;

  constructor(protocol: 'awsQuery' | 'ec2Query') {
    this.#protocol = protocol;
    this.#ec2 = protocol === 'ec2Query';
  }

  structure(shape: Shape, node: FormNode, depth: number): object {
    if (depth > MAX_DEPTH) throw unreadable(this.#protocol, 'The input is nested too deeply.');
    const out: Record<string, unknown> = {};
    if (!node.children) return out;
    let present = 0;
    for (const member of shape.members) {
      const child = node.children.get(this.#nameOf(member));
      if (!child) continue;
      const value = this.#value(member, child, depth + 1);
      if (value === undefined) continue;
      out[member.name] = value;
      present++;
    }
    if (shape.type === 'union' && present !== 1) {
      throw unreadable(this.#protocol, `Exactly one member of ${shape.name} must be set.`);
    }
    return out;
  }

  #nameOf(member: Member): string {
    if (!this.#ec2) return member.xmlName;
    if (member.traits.ec2QueryName) return member.traits.ec2QueryName;
    return member.xmlName.charAt(0).toUpperCase() + member.xmlName.slice(1);
  }

  #value(member: Member, node: FormNode, depth: number): unknown {
    const { shape } = member;
    switch (shape.type) {
      case 'structure':
      case 'union':
        return this.structure(shape, node, depth);
      case 'list':
        return this.#list(member, node, depth);
      case 'map':
        return this.#map(member, node, depth);
      case 'document':
        throw unreadable(this.#protocol, `${member.name} cannot be sent in this protocol.`);
      default:
        if (node.text === undefined) return undefined;
        return parseScalar(member, node.text, 'date-time', this.#protocol);
    }
  }

  #list(member: Member, node: FormNode, depth: number): unknown[] | undefined {
    const { element } = member.shape;
    const flat = this.#ec2 || member.traits.xmlFlattened === 1;
    const holder = flat ? node : node.children?.get(element.xmlName);
    if (!holder) return node.text === '' ? [] : undefined;
    if (!holder.children) return holder.text === '' ? [] : undefined;
    const out: unknown[] = [];
    for (const child of this.#numbered(holder)) {
      const value = this.#value(element, child, depth + 1);
      if (value !== undefined) out.push(value);
    }
    return out;
  }

  #map(member: Member, node: FormNode, depth: number): object | undefined {
    const { key, value } = member.shape;
    const holder = member.traits.xmlFlattened === 1 || this.#ec2 ? node : node.children?.get('entry');
    if (!holder?.children) return undefined;
    const out = Object.create(null) as Record<string, unknown>;
    for (const entry of this.#numbered(holder)) {
      const name = entry.children?.get(key.xmlName)?.text;
      if (name === undefined) throw unreadable(this.#protocol, `An entry of ${member.name} has no key.`);
      const item = entry.children?.get(value.xmlName);
      const read = item && this.#value(value, item, depth + 1);
      if (read !== undefined) out[name] = read;
    }
    return out;
  }

  /** Children named by number, in numeric order; gaps are allowed, as AWS allows them. */
  #numbered(node: FormNode): FormNode[] {
    const found: [number, FormNode][] = [];
    for (const [name, child] of node.children ?? []) {
      if (!INDEX.test(name)) throw unreadable(this.#protocol, 'A list index is not a number.');
      found.push([Number(name), child]);
    }
    this.#values += found.length;
    if (this.#values > MAX_VALUES) throw unreadable(this.#protocol, 'The input holds too many values.');
    return found.sort((a, b) => a[0] - b[0]).map(([, child]) => child);
  }
}
