/** Seed files of local-kms, both versions of their format: what they say of keys and aliases, or the line that is wrong. */
import type { Shape } from './schema.ts';

/** A key as such a file describes it. */
export interface SeedFileKey {
  readonly id: string;
  readonly description?: string;
  readonly spec?: string;
  readonly usage?: string;
  readonly isExternal: boolean;
  /** Oldest first: hexadecimal or PEM. */
  readonly materials: readonly string[];
  /** ISO 8601. */
  readonly nextRotation?: string;
  readonly aliases: readonly string[];
}

const words = (about: string): Shape => ({ type: 'text', about, asWritten: true });
const hexKeys: Shape = {
  type: 'list',
  about: 'Backing keys, oldest first',
  of: {
    type: 'text',
    about: 'Hexadecimal',
    asWritten: true,
    problem: (value) => (/^(?:[0-9a-fA-F]{2}){1,128}$/.test(value) ? undefined : 'must be hexadecimal digits'),
  },
};
const metadataMembers = { KeyId: words('Key id'), Description: words('Text'), KeyUsage: words('Usage') };
const oldMetadata: Shape = {
  type: 'object',
  about: 'Metadata',
  required: ['KeyId'],
  members: { ...metadataMembers, KeySpec: words('Spec'), Origin: words('AWS_KMS or EXTERNAL') },
};

const oldKeys = (members: Readonly<Record<string, Shape>>, required: readonly string[]): Shape => ({
  type: 'list',
  about: 'Keys',
  of: {
    type: 'object',
    about: 'A key',
    required: ['Metadata', ...required],
    members: { Metadata: oldMetadata, NextKeyRotation: words('Date'), ...members },
  },
});
const pairs = oldKeys({ PrivateKeyPem: words('PEM') }, ['PrivateKeyPem']);

const Aliases: Shape = {
  type: 'list',
  about: 'Aliases',
  of: {
    type: 'object',
    about: 'An alias',
    required: ['AliasName', 'TargetKeyId'],
    members: { AliasName: words('alias/NAME'), TargetKeyId: words('Key id') },
  },
};

const firstVersion: Shape = {
  type: 'object',
  about: 'the seed file',
  members: {
    Keys: {
      type: 'object',
      about: 'Keys',
      members: {
        Symmetric: {
          type: 'object',
          about: 'Symmetric keys',
          members: { Aes: oldKeys({ BackingKeys: hexKeys }, []), Hmac: oldKeys({ BackingKeys: hexKeys }, []) },
        },
        Asymmetric: { type: 'object', about: 'Key pairs', members: { Rsa: pairs, Ecc: pairs } },
      },
    },
    Aliases,
  },
};

const secondVersion: Shape = {
  type: 'object',
  about: 'the seed file',
  members: {
    Version: { type: 'number', about: 'Version', least: 2 },
    Keys: {
      type: 'list',
      about: 'Keys',
      of: {
        type: 'object',
        about: 'A key',
        required: ['KeyId', 'Metadata'],
        members: {
          KeyId: words('Key id'),
          Metadata: {
            type: 'object',
            about: 'Metadata',
            required: ['KeySpec'],
            members: { ...metadataMembers, KeySpec: words('Spec') },
          },
          NextKeyRotation: words('Date'),
          Material: {
            type: 'object',
            about: 'Material',
            members: { BackingKeys: hexKeys, PrivateKeyPem: words('PEM') },
          },
        },
      },
    },
    Aliases,
  },
};

/** The shape to read it with. @param isList whether `Keys` is a list, as in the second version */
export const seedFileShape = (isList: boolean): Shape => (isList ? secondVersion : firstVersion);

interface Metadata {
  readonly KeyId: string;
  readonly Description?: string;
  readonly KeyUsage?: string;
  readonly KeySpec?: string;
  readonly Origin?: string;
}

interface Entry {
  readonly Metadata: Metadata;
  readonly BackingKeys?: readonly string[];
  readonly PrivateKeyPem?: string;
  readonly NextKeyRotation?: string;
}

interface First {
  readonly Symmetric?: { readonly Aes?: readonly Entry[]; readonly Hmac?: readonly Entry[] };
  readonly Asymmetric?: { readonly Rsa?: readonly Entry[]; readonly Ecc?: readonly Entry[] };
}

interface Second {
  readonly KeyId: string;
  readonly Metadata: Omit<Metadata, 'KeyId'>;
  readonly NextKeyRotation?: string;
  readonly Material?: { readonly BackingKeys?: readonly string[]; readonly PrivateKeyPem?: string };
}

/** @param content read with `seedFileShape` @throws Error for aliases of keys that the file does not have */
export function seedFileKeys(content: unknown): readonly SeedFileKey[] {
  const { Keys = {}, Aliases: named = [] } = content as {
    Keys?: First | readonly Second[];
    Aliases?: readonly { readonly AliasName: string; readonly TargetKeyId: string }[];
  };
  const entries = Array.isArray(Keys) ? (Keys as readonly Second[]).map(flat) : inGroups(Keys as First);
  const ids = new Set(entries.map(({ Metadata: { KeyId } }) => KeyId));
  const lost = named.find(({ TargetKeyId }) => !ids.has(TargetKeyId));
  if (lost) throw new Error(`${lost.AliasName}: there is no key ${lost.TargetKeyId} in the seed file`);
  return entries.map((entry) => {
    const { KeyId: id, Description, KeyUsage, KeySpec, Origin } = entry.Metadata;
    return {
      id,
      ...(Description !== undefined && { description: Description }),
      ...(KeySpec !== undefined && { spec: KeySpec }),
      ...(KeyUsage !== undefined && { usage: KeyUsage }),
      isExternal: Origin === 'EXTERNAL',
      materials: entry.PrivateKeyPem === undefined ? (entry.BackingKeys ?? []) : [entry.PrivateKeyPem],
      ...(entry.NextKeyRotation !== undefined && { nextRotation: entry.NextKeyRotation }),
      aliases: named.filter(({ TargetKeyId }) => TargetKeyId === id).map(({ AliasName }) => AliasName),
    };
  });
}

const flat = ({ KeyId, Metadata, NextKeyRotation, Material }: Second): Entry => ({
  Metadata: { ...Metadata, KeyId },
  ...(NextKeyRotation !== undefined && { NextKeyRotation }),
  ...Material,
});

function inGroups({ Symmetric = {}, Asymmetric = {} }: First): Entry[] {
  return [
    ...(Symmetric.Aes ?? []).map(withSpec('SYMMETRIC_DEFAULT')),
    ...(Symmetric.Hmac ?? []),
    ...(Asymmetric.Rsa ?? []),
    ...(Asymmetric.Ecc ?? []),
  ];
}

const withSpec =
  (KeySpec: string) =>
  (entry: Entry): Entry => ({ ...entry, Metadata: { KeySpec, ...entry.Metadata } });
