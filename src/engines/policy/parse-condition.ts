/** Condition blocks: operator names with their qualifiers, keys, and lists of values. */
import type { Condition } from './document.ts';
import type { Faults } from './faults.ts';
import type { Grammar } from './grammar.ts';
import type { JsonNode } from './json.ts';
import { parseDate } from './operators/date.ts';
import { isOperator } from './operators/table.ts';

export function parseConditions(node: JsonNode, grammar: Grammar, faults: Faults): Condition[] {
  if (node.kind !== 'object') return faults.syntax('type', node, 'Condition');
  const conditions: Condition[] = [];
  for (const [name, block] of node.members) {
    const parsed = readOperator(name);
    if (!parsed) return faults.syntax('condition-operator', block.keyStart, name);
    if (block.node.kind !== 'object') return faults.syntax('type', block.node, name);
    for (const [key, member] of block.node.members) {
      const colon = key.indexOf(':');
      if (!grammar.anyKey && (colon < 1 || colon === key.length - 1)) {
        const message = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
        faults.add('action-format', 'condition-key', message, member.keyStart, key);
      }
      conditions.push({ ...parsed, name, key, values: readValues(member.node, parsed.operator, faults) });
    }
  }
  return conditions;
}

/** Undefined for anything that is not one of the documented operators with documented qualifiers. */
export function readOperator(name: string): Pick<Condition, 'quantifier' | 'operator' | 'ifExists'> | undefined {
  const all = name.startsWith('ForAllValues:');
  const any = name.startsWith('ForAnyValue:');
  const rest = all ? name.slice(13) : any ? name.slice(12) : name;
  const ifExists = rest.endsWith('IfExists');
  const operator = ifExists ? rest.slice(0, -8) : rest;
  if (!isOperator(operator) || (ifExists && operator === 'Null')) return undefined;
  if (all) return { quantifier: 'all', operator, ifExists };
  return any ? { quantifier: 'any', operator, ifExists } : { operator, ifExists };
}

function readValues(node: JsonNode, operator: string, faults: Faults): string[] {
  const items = node.kind === 'array' ? node.items : [node];
  return items.map((item) => {
    const value = readValue(item, faults);
    // IAM reads dates when a policy is stored, and nothing else.
    if (operator.startsWith('Date') && parseDate(value) === undefined) {
      const message = 'The policy failed legacy parsing';
      faults.add('legacy', 'condition-value', message, item, value);
    }
    return value;
  });
}

function readValue(node: JsonNode, faults: Faults): string {
  if (node.kind === 'string' || node.kind === 'number') return node.value;
  if (node.kind === 'boolean') return node.value ? 'true' : 'false';
  return faults.syntax('condition-value', node);
}
