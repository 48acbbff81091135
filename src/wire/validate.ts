/** Checks decoded input against required members and the constraint table, with the texts that AWS's services print. */
import type { Constraint } from './constraint.ts';
import { WireFault } from './fault.ts';
import type { Member, Shape } from './shape.ts';
import type { ProtocolName } from './types.ts';

interface Violation {
  readonly path: string;
  /** The path in the spelling of the request, for services that name parameters. */
  readonly parameter: string;
  readonly value: string | undefined;
  readonly rule: string;
  readonly missing: boolean;
}

/** No answer lists more than this. */
const MAX_REPORTED = 10;
const MAX_PRINTED = 2048;

/** @throws WireFault ValidationError, ValidationException, or the protocol's own code, naming every violation */
export function validate(shape: Shape, input: object, protocol: ProtocolName, service?: string): void {
  const violations: Violation[] = [];
  checkStructure(shape, input as Record<string, unknown>, '', '', violations);
  if (violations.length > 0) throw faultFor(violations, protocol, service);
}

/** Services that say what is wrong under a code of their own, whatever their protocol has for it. */
const ownCodes: Readonly<Record<string, string>> = { route53: 'InvalidInput' };

function faultFor(violations: readonly Violation[], protocol: ProtocolName, service = ''): WireFault {
  const first = violations[0]!;
  const own = ownCodes[service];
  if (protocol === 'restXml' && own === undefined) {
    // Only the body is XML; what is missing elsewhere is a header, a label or a query parameter.
    if (first.missing && !first.parameter.includes('.')) {
      return new WireFault('InvalidRequest', `The request must contain the parameter ${first.parameter}`, {
        status: 400,
      });
    }
    return new WireFault(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
      { status: 400 },
    );
  }
  if (protocol === 'ec2Query') {
    return first.missing
      ? new WireFault('MissingParameter', `The request must contain the parameter ${first.parameter}`, { status: 400 })
      : new WireFault(
          'InvalidParameterValue',
          `Value (${first.value ?? ''}) for parameter ${first.parameter} is invalid.`,
          {
            status: 400,
          },
        );
  }
  const code = own ?? (protocol === 'awsQuery' ? 'ValidationError' : 'ValidationException');
  const listed = violations.slice(0, MAX_REPORTED).map(({ path, value, rule, missing }) => {
    const shown = missing ? 'Value null' : value === undefined ? 'Value' : `Value '${value}'`;
    return `${shown} at '${path}' failed to satisfy constraint: ${rule}`;
  });
  const count = listed.length;
  return new WireFault(code, `${count} validation error${count > 1 ? 's' : ''} detected: ${listed.join('; ')}`, {
    status: 400,
  });
}

function checkStructure(
  shape: Shape,
  value: Record<string, unknown>,
  path: string,
  parameter: string,
  found: Violation[],
): void {
  for (const member of checkedMembers(shape)) {
    const item = value[member.name];
    if (item === undefined) {
      if (!member.required) continue;
      found.push({
        path: below(path, member.name),
        parameter: parameter ? `${parameter}.${member.name}` : member.name,
        value: undefined,
        rule: 'Member must not be null',
        missing: true,
      });
      continue;
    }
    check(member, item, below(path, member.name), parameter ? `${parameter}.${member.name}` : member.name, found);
  }
}

const checked = new WeakMap<Shape, readonly Member[]>();

/** The members of which any value, or absence, could be wrong: few of those that operations know. */
function checkedMembers(shape: Shape): readonly Member[] {
  let members = checked.get(shape);
  if (!members) {
    members = shape.members.filter(
      ({ required, constraint, shape: target }) => required || constraint !== undefined || holdsStructures(target),
    );
    checked.set(shape, members);
  }
  return members;
}

function below(path: string, name: string): string {
  const lower = name.charAt(0).toLowerCase() + name.slice(1);
  return path ? `${path}.${lower}` : lower;
}

function check(member: Member, value: unknown, path: string, parameter: string, found: Violation[]): void {
  const { shape, constraint } = member;
  if (constraint) {
    for (const rule of broken(constraint, value)) {
      const quiet = member.sensitive || constraint.quiet || value instanceof Uint8Array;
      found.push({ path, parameter, value: quiet ? undefined : print(shape, value), rule, missing: false });
    }
  }
  if (value === null) return;
  switch (shape.type) {
    case 'structure':
    case 'union':
      checkStructure(shape, value as Record<string, unknown>, path, parameter, found);
      return;
    case 'list':
      if (!holdsStructures(shape.element.shape)) return;
      for (const [index, item] of (value as unknown[]).entries()) {
        check(shape.element, item, `${path}.${index + 1}.member`, `${parameter}.${index + 1}`, found);
      }
      return;
    case 'map':
      if (!holdsStructures(shape.value.shape)) return;
      for (const [key, item] of Object.entries(value as object)) {
        check(shape.value, item, `${path}.${key}.member`, `${parameter}.${key}`, found);
      }
      return;
    default:
      return;
  }
}

function holdsStructures(shape: Shape): boolean {
  return shape.type === 'structure' || shape.type === 'union' || shape.type === 'list' || shape.type === 'map';
}

/** The constraints that a value breaks, in the order in which AWS names them. */
function broken(constraint: Constraint, value: unknown): string[] {
  const rules: string[] = [];
  if (typeof value === 'string') {
    const length = lengthOf(value, constraint);
    if (constraint.enum && !constraint.enum.includes(value)) rules.push(oneOf(constraint.enum));
    // The pattern first: so it stands in the answers of STS, DynamoDB and Firehose that users have quoted.
    if (constraint.pattern !== undefined && !constraint.matches(value)) rules.push(matching(constraint.pattern));
    if (constraint.max !== undefined && length > constraint.max) rules.push(atMost('length', constraint.max));
    if (constraint.min !== undefined && length < constraint.min) rules.push(atLeast('length', constraint.min));
  } else if (typeof value === 'number') {
    if (constraint.max !== undefined && value > constraint.max) rules.push(atMost('value', constraint.max));
    if (constraint.min !== undefined && value < constraint.min) rules.push(atLeast('value', constraint.min));
  } else if (value instanceof Uint8Array || Array.isArray(value)) {
    if (constraint.max !== undefined && value.length > constraint.max) rules.push(atMost('length', constraint.max));
    if (constraint.min !== undefined && value.length < constraint.min) rules.push(atLeast('length', constraint.min));
    const { element } = constraint;
    if (element && Array.isArray(value) && value.some((item) => broken(element, item).length > 0)) {
      rules.push(`Member must satisfy constraint: [${describe(element).join(', ')}]`);
    }
  } else if (typeof value === 'object' && value !== null && (constraint.key || constraint.value || constraint.max)) {
    const entries = Object.entries(value);
    if (constraint.max !== undefined && entries.length > constraint.max) rules.push(atMost('length', constraint.max));
    if (constraint.min !== undefined && entries.length < constraint.min) rules.push(atLeast('length', constraint.min));
    const { key, value: item } = constraint;
    if (key && entries.some(([name]) => broken(key, name).length > 0)) {
      rules.push(`Map keys must satisfy constraint: [${describe(key).join(', ')}]`);
    }
    if (item && entries.some(([, held]) => broken(item, held).length > 0)) {
      rules.push(`Map value must satisfy constraint: [${describe(item).join(', ')}]`);
    }
  }
  return rules;
}

function lengthOf(value: string, { max, min }: Constraint): number {
  if (max === undefined && min === undefined) return 0;
  // Characters are code points; counting them matters only where surrogates could change the verdict.
  if (value.length <= (max ?? value.length) && value.length >= 2 * (min ?? 0)) return value.length;
  let count = 0;
  for (const _ of value) count++;
  return count;
}

function describe(constraint: Constraint): string[] {
  const rules: string[] = [];
  if (constraint.max !== undefined) rules.push(atMost(constraint.integer ? 'value' : 'length', constraint.max));
  if (constraint.min !== undefined) rules.push(atLeast(constraint.integer ? 'value' : 'length', constraint.min));
  if (constraint.enum) rules.push(oneOf(constraint.enum));
  if (constraint.pattern !== undefined) rules.push(matching(constraint.pattern));
  return rules;
}

const atMost = (what: string, max: number) => `Member must have ${what} less than or equal to ${max}`;
const atLeast = (what: string, min: number) => `Member must have ${what} greater than or equal to ${min}`;
const oneOf = (values: readonly string[]) => `Member must satisfy enum value set: [${values.join(', ')}]`;
const matching = (pattern: string) => `Member must satisfy regular expression pattern: ${pattern}`;

function print(shape: Shape, value: unknown): string {
  const text = printed(shape, value, 0);
  return text.length > MAX_PRINTED ? `${text.slice(0, MAX_PRINTED)}...` : text;
}

function printed(shape: Shape, value: unknown, depth: number): string {
  if (shape.sensitive) return '***';
  if (Array.isArray(value)) {
    if (depth > 4) return '[...]';
    return `[${value
      .slice(0, 200)
      .map((item) => printed(shape.element.shape, item, depth + 1))
      .join(', ')}]`;
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  if (typeof value === 'object' && value !== null) {
    if (depth > 4) return '{...}';
    if (shape.type === 'map') {
      const items = Object.entries(value).slice(0, 200);
      return `{${items.map(([key, item]) => `${key}=${printed(shape.value.shape, item, depth + 1)}`).join(', ')}}`;
    }
    const items = shape.members.filter((member) => Object.hasOwn(value, member.name));
    return `${shape.name}(${items
      .map((member) => {
        const item = (value as Record<string, unknown>)[member.name];
        return `${below('', member.name)}=${member.sensitive ? '***' : printed(member.shape, item, depth + 1)}`;
      })
      .join(', ')})`;
  }
  return String(value);
}
