/** The whole story in its order, and what it needs before it begins. */

import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import type { Config } from '../../../src/config/config.ts';
import { Wires, whyNoNamespaces } from '../../edge/namespaces.ts';
import { owner } from './1-owner.ts';
import { rudy } from './2-rudy.ts';
import { groups } from './3-groups.ts';
import { roles } from './4-roles.ts';
import { data } from './5-data.ts';
import { proof } from './6-proof.ts';
import { frontDoor } from './7-front-door.ts';
import { type Chapter, type Keys, Person, Shop } from './lab.ts';

export const story: readonly Chapter[] = [owner, rudy, groups, roles, data, proof, frontDoor];

export interface Stage {
  readonly endpoint: string;
  readonly dataDir: string;
  readonly accountId: string;
  readonly rootKeys: Keys;
  /** An administrator of another account: the supplier. */
  readonly supplierKeys: Keys;
  readonly supplierAccountId: string;
  readonly wires?: Wires | undefined;
}

/** What the story needs of an instance's configuration beside its accounts, and the wires of its hosts. */
export function stageOf(account: string): { readonly config: Partial<Config>; readonly wires: Wires | undefined } {
  const shield = { baselineSeconds: 10, windowSeconds: 1, floor: 15 };
  const config = { shield, edge: { processes: 1 } };
  if (whyNoNamespaces() !== undefined) return { config, wires: undefined };
  const wires = new Wires('172.31');
  const { address, device } = wires.host('roaster', 1);
  wires.host('weather', 200);
  const host = { account, name: 'roaster', privateIp: address, device };
  return { config: { ...config, packets: { namespace: wires.router }, instances: [host] }, wires };
}

/** Sets the shop up on a running instance with the test API: the owner, and a supplier in an account of its own. */
export async function openShop(stage: Stage): Promise<Shop> {
  const notes = { advanced: 0 };
  const shop = new Shop({
    ...stage,
    async advance(seconds) {
      const body = JSON.stringify({ advanceSeconds: seconds });
      const response = await fetch(`${stage.endpoint}/_bailey/clock`, { method: 'POST', body });
      if (!response.ok) throw new Error(`The clock does not move: ${await response.text()}`);
      notes.advanced += seconds;
      shop.notes.set('advanced', String(notes.advanced));
    },
  });
  shop.notes.set('started', String(Date.now()));
  shop.hire('owner', stage.rootKeys);
  shop.people.set('supplier', new Person(stage.endpoint, stage.supplierKeys));
  const iam = new IAMClient(new Person(stage.endpoint, stage.supplierKeys).options);
  const users: [string, string | undefined][] = [
    [
      'driver',
      JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' },
      }),
    ],
    ['packer', undefined],
  ];
  for (const [name, document] of users) {
    await iam.send(new CreateUserCommand({ UserName: name }));
    if (document)
      await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'drive', PolicyDocument: document }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
    const keys = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
    shop.hire(name === 'driver' ? 'supplier' : 'supplier without permissions', keys);
  }
  shop.notes.set('supplier', `arn:aws:iam::${stage.supplierAccountId}:root`);
  return shop;
}
