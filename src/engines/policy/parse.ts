/** From text to PolicyDocument: strict JSON, then the grammar of the policy's kind. */
import type { PolicyDocument, PolicyVersion, Statement } from './document.ts';
import { Faults } from './faults.ts';
import { type Grammar, grammars } from './grammar.ts';
import { type JsonNode, readJson } from './json.ts';
import { parseStatement } from './parse-statement.ts';
import { Lines, positionAt } from './position.ts';
import { PolicySyntaxError } from './syntax-error.ts';
import type { PolicyKind } from './types.ts';

export interface ParseOptions {
  /** The policy is AWS's own: RCPFullAWSAccess may allow, and some managed policies break IAM's rules for resources. */
  readonly awsManaged?: boolean;
}

/**
 * Reads a policy document of the given kind.
 * Throws PolicySyntaxError, whose message is the one that IAM answers with MalformedPolicyDocument.
 */
export function parsePolicy(text: string, kind: PolicyKind, options?: ParseOptions): PolicyDocument {
  const grammar = options?.awsManaged
    ? { ...grammars[kind], allow: true, iamResources: false, anyKey: true }
    : grammars[kind];
  const faults = new Faults(text);
  checkStart(text, grammar);
  const root = readJson(text, grammar.notJson);
  if (root.kind !== 'object') return faults.syntax('type', root);
  for (const [name, member] of root.members) {
    if (name !== 'Version' && name !== 'Id' && name !== 'Statement') {
      faults.syntax('unknown-element', member.keyStart, name);
    }
  }
  const versionNode = root.members.get('Version')?.node;
  const version = readVersion(versionNode, faults);
  if (kind === 'rcp' && version !== '2012-10-17' && !options?.awsManaged) {
    faults.syntax('version', versionNode ?? root, version);
  }
  const idNode = root.members.get('Id')?.node;
  if (idNode && idNode.kind !== 'string') return faults.syntax('type', idNode, 'Id');
  const statementNode = root.members.get('Statement')?.node;
  if (!statementNode) return faults.syntax('statement-missing', root, 'Statement');
  const nodes = statementNode.kind === 'array' ? statementNode.items : [statementNode];
  if (nodes.length === 0) return faults.syntax('statement-missing', statementNode, 'Statement');
  const lines = new Lines(text);
  const sids = new Set<string>();
  const statements: Statement[] = [];
  for (const node of nodes) {
    const statement = parseStatement(node, statements.length, kind, grammar, lines, faults);
    statements.push(statement);
    if (!statement.sid) continue;
    if (sids.has(statement.sid)) {
      const message = 'Statement IDs (SID) in a single policy must be unique.';
      faults.add('sid', 'sid-duplicate', message, node, statement.sid);
    }
    sids.add(statement.sid);
  }
  faults.finish();
  const document = { kind, version, versionGiven: versionNode !== undefined, statements };
  return idNode ? { ...document, id: idNode.value } : document;
}

function readVersion(node: JsonNode | undefined, faults: Faults): PolicyVersion {
  if (!node) return '2008-10-17';
  if (node.kind !== 'string') return faults.syntax('version', node);
  if (node.value === '2012-10-17' || node.value === '2008-10-17') return node.value;
  return faults.syntax('version', node, node.value);
}

function checkStart(text: string, grammar: Grammar): void {
  if (grammar.latin) {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 32 ? code <= 255 : code === 9 || code === 10 || code === 13) continue;
      throw new PolicySyntaxError('characters', grammar.notJson, positionAt(text, at), text[at]);
    }
  }
  if (grammar.braceFirst && text.charCodeAt(0) !== 123) {
    throw new PolicySyntaxError('leading', grammar.notJson, { line: 1, column: 1 });
  }
}
