/** The `bailey` command: its words, its options, and nothing else. Unknown ones stop it. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';

const port = (text: string): number => {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
};

/** Runs a command line and returns the exit code. `up` returns when the instance has ended. */
export async function run(args: readonly string[]): Promise<number> {
  const program = new Command('bailey')
    .description('The security half of a cloud, on machines of your own.')
    .exitOverride()
    .showHelpAfterError()
    .allowExcessArguments(false);
  let code = 0;
  const ends = <A extends unknown[]>(action: (...values: A) => Promise<number>) => {
    return async (...values: A): Promise<void> => {
      code = await action(...values);
    };
  };

  program
    .command('up')
    .description('Start an instance.')
    .option('--data <dir>', 'data folder', '.bailey')
    .option('--root-key <file>', 'where the root key lies, if not in the data folder')
    .option('--passphrase-file <file>', "the vault's passphrase; BAILEY_PASSPHRASE_FILE by default")
    .option('--port <n>', 'API port; 0 picks a free one', port, 4566)
    .option('--host <addr>', 'address to listen on; with TLS only, unless it is loopback', '127.0.0.1')
    .option('--tls', 'speak TLS too, on a port of its own')
    .option('--tls-port <n>', 'port of --tls; 0 picks a free one', port, 4567)
    .option('--dns-port <n>', 'port on which names of hosted zones and load balancers are answered', port, 4553)
    .option('--cloudfront-port <n>', 'port on which distributions are served; 0 for none', port, 4580)
    .option('--cloudfront-tls-port <n>', 'port on which distributions are served by TLS; 0 for none', port, 4543)
    .option('--tls-only', 'speak TLS on the API port, and no plain HTTP')
    .option('--config <file>', 'configuration file (YAML)')
    .option('--ready-json', 'print one line of JSON once ready')
    .option('--test-api', 'open /_bailey/reset and /_bailey/clock (loopback only)')
    .option('--metrics-port <n>', 'port of health and metrics on 127.0.0.1; 0 picks a free one', port, 0)
    .action(ends(async (options) => (await import('./up.ts')).up(options)));

  const account = program.command('account').description('Accounts of the instance.');
  account
    .command('create')
    .description('Make a standalone account with its root user.')
    .requiredOption('--name <name>', 'account name')
    .requiredOption('--email <email>', "the root user's email address")
    .option('--data <dir>', 'data folder', '.bailey')
    .action(ends(async (options) => (await import('./account.ts')).createAccount(options)));

  const edge = program.command('edge').description('Edge nodes on other machines.');
  edge
    .command('token')
    .description('Make a token with which one node may join.')
    .option('--data <dir>', 'data folder of the instance', '.bailey')
    .option('--hours <n>', 'how long it is good', '24')
    .action(ends(async (options) => (await import('./edge.ts')).token(options)));
  edge
    .command('list')
    .description('Nodes that have joined.')
    .option('--data <dir>', 'data folder of the instance', '.bailey')
    .action(ends(async (options) => (await import('./edge.ts')).list(options)));
  edge
    .command('remove')
    .description('Send a node nothing any more.')
    .argument('<id>', 'as listed')
    .option('--data <dir>', 'data folder of the instance', '.bailey')
    .action(ends(async (id, options) => (await import('./edge.ts')).remove(id, options)));
  edge
    .command('run', { isDefault: true })
    .description('Be an edge node on this machine: bailey edge --join TOKEN.')
    .option('--join <token>', 'join with this token; not needed again')
    .option('--data <dir>', "this node's own folder", '.bailey-edge')
    .option('--bind <addr>', 'address on which listeners are served', '127.0.0.1')
    .option('--advertise <addrs>', 'addresses for clients, with commas between (default: where listeners are served)')
    .option('--zone <zone>', 'with --join: be in this availability zone, and carry its load balancers')
    .option('--edge-location <name>', 'with --join: be this edge location, and serve distributions and names')
    .option('--processes <n>', 'how many processes (default: one for each core)')
    .action(ends(async (options) => (await import('./edge.ts')).node(options)));

  const ca = program.command('ca').description("The instance's own certificate authority.");
  ca.command('show')
    .description('Whom clients must trust: the root certificate and its fingerprint.')
    .option('--data <dir>', 'data folder', '.bailey')
    .option('--json', 'as JSON')
    .action(ends(async (options) => (await import('./ca.ts')).show(options)));
  ca.command('export')
    .description('Write the root certificate.')
    .argument('[file]', 'PEM; - or nothing writes it to standard output', '-')
    .option('--data <dir>', 'data folder', '.bailey')
    .action(ends(async (file, options) => (await import('./ca.ts')).exportRoot(file, options)));
  ca.command('trust')
    .description("Put the root certificate among those that this machine's programs trust.")
    .option('--data <dir>', 'data folder', '.bailey')
    .option('--dry-run', 'say what would be done')
    .action(ends(async (options) => (await import('./ca.ts')).trust(options)));
  ca.command('issue')
    .description('Make a certificate for a client: its key is made now and kept nowhere else.')
    .option('--principal <arn>', 'IAM user or role that it stands for')
    .option('--name <name>', 'host name of an agent or node')
    .option('--hours <n>', 'how long it holds', Number, 24)
    .requiredOption('--out <dir>', 'folder for key.pem, certificate.pem and ca.pem')
    .option('--data <dir>', 'data folder', '.bailey')
    .action(ends(async (options) => (await import('./ca.ts')).issue(options)));

  program
    .command('login')
    .description('Sign in with a password, asked for or read from standard input, for a session of twelve hours.')
    .option('--email <email>', "a root user's email address")
    .option('--account <id-or-alias>', "an IAM user's account")
    .option('--user <name>', "the IAM user's name")
    .option('--profile <name>', 'write a profile into the AWS credentials file instead of printing the session')
    .option('--data <dir>', 'data folder, for the endpoint and the credentials file', '.bailey')
    .action(ends(async (options) => (await import('./login.ts')).login(options)));

  program
    .command('seal')
    .description('Seal the vault of a running instance at once: no key can be used until it is unsealed.')
    .option('--data <dir>', 'data folder', '.bailey')
    .action(ends(async (options) => (await import('./vault.ts')).seal(options)));
  program
    .command('unseal')
    .description('Unseal the vault: asks for the passphrase, or for one share, or reads it from standard input.')
    .option('--init', 'make the shares of a new vault, and show them this once')
    .option('--shares <n>', 'with --init: how many', Number, 5)
    .option('--threshold <n>', 'with --init: how many of them open the vault', Number, 3)
    .option('--data <dir>', 'data folder', '.bailey')
    .action(ends(async (options) => (await import('./vault.ts')).unseal(options)));
  const vault = program.command('vault').description('The vault, which holds all key material.');
  vault
    .command('rotate-root')
    .description('Replace the root key; nothing but the domain keys is sealed anew.')
    .option('--data <dir>', 'data folder', '.bailey')
    .action(ends(async (options) => (await import('./vault.ts')).rotateRoot(options)));

  const waf = program.command('waf').description('Web ACLs, beyond what the AWS API can do.');
  waf
    .command('what-if')
    .description('Replay the requests that a web ACL saw against a changed one, before it is saved.')
    .argument('<web-acl-arn>')
    .argument('<definition>', 'JSON file with members of UpdateWebACL: Rules, DefaultAction; - reads standard input')
    .option('--log <file>', 'replay the lines of this WAF log instead')
    .option('--json', 'as JSON')
    .action(ends(async (arn, definition, options) => (await import('./waf.ts')).whatIf(arn, definition, options)));
  waf
    .command('create-managed-rule-set')
    .description('Become the vendor of a managed rule group; its versions come by PutManagedRuleSetVersions.')
    .argument('<name>')
    .requiredOption('--vendor <name>', 'as customers will name it')
    .option('--scope <scope>', 'REGIONAL or CLOUDFRONT', 'REGIONAL')
    .option('--description <text>', 'what customers read about it')
    .action(ends(async (name, options) => (await import('./waf.ts')).createManagedRuleSet(name, options)));

  program
    .command('explain')
    .description('Why was a call allowed or denied, or a request stopped by a web ACL?')
    .argument('<request-id-or-error-text...>')
    .option('--json', 'as JSON')
    .action(ends(async (words, options) => (await import('./explain.ts')).explain(words, options)));

  program
    .command('coverage')
    .description('Which operations are built.')
    .argument('[service]')
    .option('--json', 'as JSON')
    .action(ends(async (service, options) => (await import('./coverage.ts')).coverage(service, options)));

  program
    .command('status')
    .description('Is an instance running on this data folder, and how is it?')
    .option('--data <dir>', 'data folder', '.bailey')
    .option('--encryption', 'what lies on the disk, and which key seals it')
    .option('--json', 'as JSON')
    .action(ends(async (options) => (await import('./status.ts')).status(options)));

  program
    .command('backup')
    .description('Write a consistent copy of a data folder, whether the instance runs or not.')
    .argument('<target>', 'a folder that does not exist yet, or is empty')
    .option('--data <dir>', 'data folder', '.bailey')
    .option('--root-key <file>', 'where the root key lies, if not in the data folder')
    .option('--keyring <file>', "where the vault's keyring goes, if not into the backup")
    .option('--no-secrets', 'leave the root key and the credentials files out')
    .action(ends(async (target, options) => (await import('./backup.ts')).backup(target, options)));

  program
    .command('restore')
    .description('Make a data folder from a backup.')
    .argument('<source>', 'folder that bailey backup wrote')
    .option('--data <dir>', 'data folder to make', '.bailey')
    .option('--root-key <file>', "the root key, if not among the backup's secrets")
    .option('--config <file>', "configuration file: where the vault's root of trust is")
    .option('--passphrase-file <file>', "the vault's passphrase; BAILEY_PASSPHRASE_FILE by default")
    .option('--keyring <file>', "a newer keyring of the vault, or the backup's own where it lies elsewhere")
    .action(ends(async (source, options) => (await import('./backup.ts')).restore(source, options)));

  program
    .command('lint')
    .description('Check a policy document: errors, unknown actions, what grants nothing.')
    .argument('<file>', 'policy document; - reads standard input')
    .option('--kind <kind>', 'identity, resource, trust, scp or rcp', 'identity')
    .action(ends(async (file, options) => (await import('./lint.ts')).lintFile(file, options)));

  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    console.error(`bailey: ${(error as Error).message}`);
    return 1;
  }
}
