// Addresses as they may stand in an attestation, which everybody reads.

/** A URL without its login; of SSH, whose user is part of the address, without a password. */
export function publicAddress(text: string): string {
  return text
    .replace(/^(https?:\/\/)[^/?#@]*@/i, '$1')
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@:]*):[^/?#@]*@/i, '$1@');
}
