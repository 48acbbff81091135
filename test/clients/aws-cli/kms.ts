/** Keys with the aws CLI: use, signatures that openssl verifies, material that openssl wraps, grants and deletion. */
import assert from 'node:assert/strict';
import { accountId, nobodyKeys } from '../../support/instance.ts';
import { command, programs } from '../command.ts';
import type { Cli } from './cli.ts';

const keyArn = (id: string) => `arn:aws:kms:us-east-1:${accountId}:key/${id}`;

export async function kmsChecks(aws: Cli): Promise<void> {
  const { check } = aws.bench;
  // Version 1 takes blobs as they are, version 2 as base64 unless told otherwise: fileb:// is the same in both.
  const blob = async (name: string, content: string | Uint8Array) => `fileb://${await aws.file(name, content)}`;
  const bytes = async (line: string): Promise<Buffer> => Buffer.from((await aws.text(line)).trim(), 'base64');
  let key = '';

  await check('kms create-key, create-alias, describe-key', async () => {
    key = (await aws.json('kms create-key --description till --query KeyMetadata.KeyId')) as string;
    await aws.text(`kms create-alias --alias-name alias/till --target-key-id ${key}`);
    const query = 'kms describe-key --key-id alias/till --query KeyMetadata.[Arn,KeyState,Enabled]';
    await aws.prints(query, [keyArn(key), 'Enabled', true]);
  });

  await check('kms encrypt and decrypt, bound to a context', async () => {
    const plain = await blob('plain.txt', 'two flat whites');
    const context = '--encryption-context table=7';
    const sealed = await bytes(
      `kms encrypt --key-id alias/till --plaintext ${plain} ${context} --query CiphertextBlob --output text`,
    );
    const file = await blob('sealed.bin', sealed);
    const decrypt = `kms decrypt --ciphertext-blob ${file}`;
    assert.equal(String(await bytes(`${decrypt} ${context} --query Plaintext --output text`)), 'two flat whites');
    await aws.refused(decrypt, '(InvalidCiphertextException) when calling the Decrypt operation');
    await aws.refused(`${decrypt} ${context}`, /\(AccessDeniedException\).*kms:Decrypt/, { as: nobodyKeys });
    await aws.text(
      `kms create-grant --key-id ${key} --operations Decrypt --grantee-principal arn:aws:iam::${accountId}:user/nobody`,
    );
    await aws.text(`${decrypt} ${context}`, { as: nobodyKeys });
  });

  await check('kms generate-data-key opens to the same key', async () => {
    const made = (await aws.json('kms generate-data-key --key-id alias/till --key-spec AES_256')) as {
      Plaintext: string;
      CiphertextBlob: string;
    };
    const file = await blob('data-key.bin', Buffer.from(made.CiphertextBlob, 'base64'));
    await aws.prints(`kms decrypt --ciphertext-blob ${file} --query Plaintext`, made.Plaintext);
  });

  const [openssl] = await programs('openssl');
  if (openssl === undefined) {
    aws.bench.skip('signatures and imports with openssl', 'install `openssl`');
  } else {
    const run = (line: string) => command(openssl, line.split(' '), { seconds: 20, cwd: aws.bench.folder });
    await check('kms sign: openssl verifies', async () => {
      const message = await blob('message.txt', 'pay Rudy 20');
      for (const [spec, algorithm, options] of [
        ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', ''],
        ['RSA_2048', 'RSASSA_PSS_SHA_512', '-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest'],
        ['ECC_NIST_P256', 'ECDSA_SHA_256', ''],
        ['ECC_NIST_P521', 'ECDSA_SHA_512', ''],
        ['ECC_SECG_P256K1', 'ECDSA_SHA_256', ''],
      ] as const) {
        const id = await aws.json(
          `kms create-key --key-spec ${spec} --key-usage SIGN_VERIFY --query KeyMetadata.KeyId`,
        );
        const sign = `kms sign --key-id ${id} --message ${message} --message-type RAW --signing-algorithm ${algorithm}`;
        await aws.file('signature.bin', await bytes(`${sign} --query Signature --output text`));
        await aws.file('public.der', await bytes(`kms get-public-key --key-id ${id} --query PublicKey --output text`));
        const digest = `-sha${algorithm.slice(-3)}`;
        const verify = `dgst ${digest} -verify public.der -keyform DER ${options} -signature signature.bin message.txt`;
        const { code, stdout, stderr } = await run(verify.replace(/ +/g, ' '));
        assert.equal(code, 0, `${algorithm}: ${stdout}${stderr}`);
      }
    });

    await check('kms import-key-material: openssl wraps, the key works, and without material it does not', async () => {
      const id = await aws.json('kms create-key --origin EXTERNAL --query KeyMetadata.KeyId');
      const how = '--wrapping-algorithm RSAES_OAEP_SHA_256 --wrapping-key-spec RSA_3072';
      const given = (await aws.json(`kms get-parameters-for-import --key-id ${id} ${how}`)) as {
        PublicKey: string;
        ImportToken: string;
      };
      await aws.file('wrapping.der', Buffer.from(given.PublicKey, 'base64'));
      const token = await blob('token.bin', Buffer.from(given.ImportToken, 'base64'));
      await run('rand -out material.bin 32');
      const oaep = '-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256';
      const wrap = `pkeyutl -encrypt -in material.bin -out wrapped.bin -inkey wrapping.der -keyform DER -pubin ${oaep}`;
      assert.equal((await run(wrap)).code, 0);
      const wrapped = await blob('wrapped.bin', await aws.read('wrapped.bin'));
      await aws.text(
        `kms import-key-material --key-id ${id} --encrypted-key-material ${wrapped} --import-token ${token} --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE`,
      );
      const encrypt = `kms encrypt --key-id ${id} --plaintext ${await blob('plain.txt', 'x')}`;
      await aws.text(encrypt);
      await aws.text(`kms delete-imported-key-material --key-id ${id}`);
      await aws.refused(encrypt, /\(KMSInvalidStateException\).*is pending import/);
    });
  }

  await check('kms disable-key, schedule-key-deletion, cancel-key-deletion', async () => {
    const encrypt = `kms encrypt --key-id ${key} --plaintext ${await blob('plain.txt', 'x')}`;
    await aws.text(`kms disable-key --key-id ${key}`);
    await aws.refused(encrypt, `(DisabledException) when calling the Encrypt operation: ${keyArn(key)} is disabled.`);
    await aws.prints(`kms schedule-key-deletion --key-id ${key} --pending-window-in-days 7 --query [KeyId,KeyState]`, [
      keyArn(key),
      'PendingDeletion',
    ]);
    await aws.text(`kms cancel-key-deletion --key-id ${key}`);
    await aws.text(`kms enable-key --key-id ${key}`);
    await aws.text(encrypt);
  });
}
