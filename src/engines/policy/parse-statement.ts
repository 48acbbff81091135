/** One statement: which elements it has, whether its kind of policy wants them, and what they hold. */
import type { Patterns, Statement } from './document.ts';
import type { Faults } from './faults.ts';
import type { Grammar } from './grammar.ts';
import type { JsonNode } from './json.ts';
import { checkAction, checkTrustAction } from './parse-action.ts';
import { parseConditions } from './parse-condition.ts';
import { parsePrincipals } from './parse-principal.ts';
import { checkResource } from './parse-resource.ts';
import type { Lines } from './position.ts';
import type { PolicyKind } from './types.ts';

type ObjectNode = JsonNode & { readonly kind: 'object' };

const elements: ReadonlySet<string> = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]);

export function parseStatement(
  node: JsonNode,
  index: number,
  kind: PolicyKind,
  grammar: Grammar,
  lines: Lines,
  faults: Faults,
): Statement {
  if (node.kind !== 'object') return faults.syntax('type', node, 'Statement');
  for (const [name, member] of node.members) {
    if (!elements.has(name)) faults.syntax('unknown-element', member.keyStart, name);
  }
  const sid = readSid(node, grammar, faults);
  const effect = readEffect(node, grammar, faults);
  const actions = readActions(node, kind, grammar, faults);
  const resources = readResources(node, grammar, faults);
  const principals = readPrincipals(node, effect, kind, grammar, faults);
  const conditionNode = node.members.get('Condition')?.node;
  return {
    index,
    effect,
    actions,
    conditions: conditionNode ? parseConditions(conditionNode, grammar, faults) : [],
    start: lines.at(node.start),
    end: lines.at(node.end - 1),
    ...(sid === undefined ? {} : { sid }),
    ...(resources ? { resources } : {}),
    ...(principals ? { principals } : {}),
  };
}

function readSid(node: ObjectNode, grammar: Grammar, faults: Faults): string | undefined {
  const sid = node.members.get('Sid')?.node;
  if (!sid) return undefined;
  if (sid.kind !== 'string') return faults.syntax('type', sid, 'Sid');
  if (grammar.plainSid && !isAlphanumeric(sid.value)) {
    const message =
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*';
    faults.add('sid', 'sid-format', message, sid, sid.value);
  }
  return sid.value;
}

function isAlphanumeric(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const lower = code | 32;
    if ((code < 48 || code > 57) && (lower < 97 || lower > 122)) return false;
  }
  return true;
}

function readEffect(node: ObjectNode, grammar: Grammar, faults: Faults): 'Allow' | 'Deny' {
  const effect = node.members.get('Effect')?.node;
  if (!effect) return faults.syntax('effect-missing', node, 'Effect');
  if (effect.kind !== 'string') return faults.syntax('effect', effect);
  const { value } = effect;
  if (value === 'Allow') {
    if (!grammar.allow) faults.add('kind', 'effect-forbidden', 'Syntax errors in policy.', effect, value);
    return value;
  }
  if (value === 'Deny') return value;
  // IAM's first pass ignores case, its second does not.
  const lower = value.toLowerCase();
  const message = lower === 'allow' || lower === 'deny' ? 'The policy failed legacy parsing' : undefined;
  return faults.syntax('effect', effect, value, message);
}

/** The element or its Not form, whichever is there; both is an error. */
function readPatterns(node: ObjectNode, name: 'Action' | 'Resource', faults: Faults): [JsonNode, Patterns] | undefined {
  const plain = node.members.get(name)?.node;
  const negated = node.members.get(`Not${name}`)?.node;
  if (plain && negated) {
    faults.syntax(name === 'Action' ? 'action-and-not-action' : 'resource-and-not-resource', negated);
  }
  const found = plain ?? negated;
  return found && [found, { not: found === negated, values: readStrings(found, name, faults) }];
}

function readStrings(node: JsonNode, name: string, faults: Faults): string[] {
  const items = node.kind === 'array' ? node.items : [node];
  return items.map((item) => (item.kind === 'string' ? item.value : faults.syntax('type', item, name)));
}

function readActions(node: ObjectNode, kind: PolicyKind, grammar: Grammar, faults: Faults): Patterns {
  const found = readPatterns(node, 'Action', faults);
  if (!found || found[1].values.length === 0) {
    faults.add('actions', 'action-missing', 'Policy statement must contain actions.', found?.[0] ?? node, 'Action');
    return { not: false, values: [] };
  }
  const [at, actions] = found;
  if (actions.not && !grammar.notAction) {
    if (kind === 'trust') checkTrustAction('', at, faults);
    faults.add('kind', 'action-forbidden', 'Syntax errors in policy.', at, 'NotAction');
  }
  for (const action of actions.values) {
    checkAction(action, at, faults);
    if (kind === 'trust') checkTrustAction(action, at, faults);
    if (kind === 'rcp' && !grammar.allow && action === '*') {
      const message = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
      faults.add('kind', 'action-format', message, at, action);
    }
  }
  return actions;
}

function readResources(node: ObjectNode, grammar: Grammar, faults: Faults): Patterns | undefined {
  const found = readPatterns(node, 'Resource', faults);
  if (grammar.resource === 'forbidden') {
    if (found) faults.add('kind', 'resource-forbidden', 'Has prohibited field Resource.', found[0], 'Resource');
    return undefined;
  }
  if (!found || found[1].values.length === 0) {
    if (found || grammar.resource === 'required') {
      const message = 'Policy statement must contain resources.';
      faults.add('resources', 'resource-missing', message, found?.[0] ?? node, 'Resource');
    }
    return undefined;
  }
  for (const resource of found[1].values) checkResource(resource, found[0], grammar, faults);
  return found[1];
}

function readPrincipals(
  node: ObjectNode,
  effect: 'Allow' | 'Deny',
  kind: PolicyKind,
  grammar: Grammar,
  faults: Faults,
): Statement['principals'] {
  const plain = node.members.get('Principal')?.node;
  const negated = node.members.get('NotPrincipal')?.node;
  const found = plain ?? negated;
  if (grammar.principal === 'forbidden') {
    if (found) {
      const message = 'Policy document should not specify a principal.';
      faults.add('kind', 'principal-forbidden', message, found, 'Principal');
    }
    return undefined;
  }
  if (!found) {
    faults.add('kind', 'principal-missing', 'Missing required field Principal', node, 'Principal');
    return undefined;
  }
  if (plain && negated) return faults.syntax('principal-and-not-principal', negated);
  if (found === negated) {
    const forbidden = effect === 'Allow' ? 'not-principal-with-allow' : 'principal-forbidden';
    if (effect === 'Allow' || !grammar.notPrincipal) {
      faults.add('kind', forbidden, 'Syntax errors in policy.', found, 'NotPrincipal');
    }
  }
  const entries = parsePrincipals(found, faults);
  if (kind === 'rcp' && entries.some((entry) => entry.kind !== 'everyone')) {
    faults.add('kind', 'principal-invalid', 'Syntax errors in policy.', found, 'Principal');
  }
  return { not: found === negated, entries };
}
