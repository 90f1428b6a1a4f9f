// What steps know of the network's names: --add-host and the machine's resolver.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { SlipwayError } from '../errors.ts';

/** The machine's /etc/resolv.conf; empty where there is none. */
export function resolvConf(): string {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    return '';
  }
}

/** `name:ip` and `name=ip`; the address may stand in brackets; host-gateway is this machine. @throws ERR_USAGE */
export function extraHost(text: string): { name: string; ip: string } {
  const found = /^([^:=]+)[:=](.+)$/.exec(text);
  const ip = found?.[2]?.replace(/^\[(.*)\]$/, '$1');
  const known = ip === 'host-gateway' || isIP(ip?.split('%')[0] ?? '') > 0;
  if (!found || !ip || !known) {
    throw new SlipwayError('ERR_USAGE', `invalid --add-host ${JSON.stringify(text)}`, {
      hint: 'write --add-host NAME:ADDRESS, with an IP address or host-gateway',
    });
  }
  return { name: found[1]!, ip: ip === 'host-gateway' ? '127.0.0.1' : ip };
}
