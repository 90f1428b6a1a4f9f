// Ports of EXPOSE: [[address:]hostport:]port[-port][/protocol]. The part for the host is checked and dropped.
import { SlipwayError } from '../errors.ts';

const protocols = ['tcp', 'udp', 'sctp'];

/**
 * The ports a word names, each as `80/tcp`. An expanded word holds no variables.
 * @throws ERR_SYNTAX for what is no port, a range that runs backwards, or an unknown protocol.
 */
export function parsePort(word: string): string[] {
  const refuse = (why: string) =>
    new SlipwayError('ERR_SYNTAX', `${why}: "${word}"`, {
      hint: 'write a port from 0 to 65535 or a range: 80, 53/udp, 8000-8010',
    });
  const slash = word.indexOf('/');
  const protocol = (slash < 0 ? '' : word.slice(slash + 1)).toLowerCase() || 'tcp';
  if (!protocols.includes(protocol)) throw refuse(`unknown protocol ${protocol}`);
  const found = /^(?:(?:(\[[^\]]*\]|[^:[\]]*):)?([^:[\]]*):)?([^:[\]]+)$/.exec(
    slash < 0 ? word : word.slice(0, slash),
  );
  if (found === null) throw refuse('invalid port');
  const [, address, host, container] = found;
  const ports = parseRange(container!, refuse);
  if (host !== undefined && host !== '') {
    const hosts = parseRange(host, refuse);
    const same = hosts.to - hosts.from === ports.to - ports.from;
    if (!same && ports.from !== ports.to) throw refuse('the ranges of host and container differ in length');
  }
  if (address !== undefined && address !== '' && !isAddress(address)) throw refuse('invalid IP address');
  const count = ports.to - ports.from + 1;
  return Array.from({ length: count }, (_, index) => `${ports.from + index}/${protocol}`);
}

function parseRange(text: string, refuse: (why: string) => SlipwayError): { from: number; to: number } {
  const found = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  if (found === null) throw refuse('invalid port');
  const from = Number(found[1]);
  const to = found[2] === undefined ? from : Number(found[2]);
  if (from > 65535 || to > 65535) throw refuse('port out of range');
  if (to < from) throw refuse('the range of ports runs backwards');
  return { from, to };
}

function isAddress(text: string): boolean {
  if (text[0] === '[') return /^\[[0-9a-f:.%]+\]$/i.test(text);
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}
