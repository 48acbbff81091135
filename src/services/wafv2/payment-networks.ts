/** Where payments would go: networks of one environment, and addresses of the kind that each has. */
import type { MonetizationConfig } from '@aws-sdk/client-wafv2';
import { invalidParameter, reasons } from './errors.ts';

const environments: Readonly<Record<'REAL' | 'TEST', readonly string[]>> = {
  REAL: ['BASE', 'SOLANA'],
  TEST: ['BASE_SEPOLIA', 'SOLANA_DEVNET'],
};

const ethereum = /^0x[0-9A-Fa-f]{40}$/;
const solana = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/;

/**
 * AWS compares the EIP-55 checksum of addresses in mixed case, too.
 * @see API reference, CryptoConfig and PaymentNetwork
 * @throws AwsError WAFInvalidParameterException
 */
export function requirePaymentNetworks(config: MonetizationConfig | undefined): void {
  const chains = environments[config?.CurrencyMode ?? 'REAL'];
  for (const { Chain = '', WalletAddress = '' } of config?.CryptoConfig?.PaymentNetworks ?? []) {
    if (!chains.includes(Chain)) throw invalidParameter('PAYMENT_NETWORK', Chain, reasons.notAllowed);
    const shape = Chain.startsWith('BASE') ? ethereum : solana;
    if (!shape.test(WalletAddress)) throw invalidParameter('WALLET_ADDRESS', WalletAddress, reasons.format);
  }
}
