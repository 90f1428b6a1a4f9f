// rpm's own database (Packages.db, "ndb", as SUSE has it): slots that say in which blocks a package's header lies.
import type { ByteWindow } from './byte-window.ts';

const slotSize = 16;
const blockSize = 16;
const pageSize = 4096;
/** Slots begin behind the file's head. */
const firstSlot = 2;
const mostPages = 4096;

/** The headers of all packages; undefined where the file is no such database. */
export function rpmNdbBlobs(file: ByteWindow): Iterable<Buffer> | undefined {
  const head = file.bytes(0, 32);
  if (head?.toString('latin1', 0, 4) !== 'RpmP' || head.readUInt32LE(4) !== 0) return undefined;
  return blobs(file, Math.min(head.readUInt32LE(12), mostPages));
}

function* blobs(file: ByteWindow, slotPages: number): Generator<Buffer, void> {
  const slots = (slotPages * pageSize) / slotSize;
  for (let index = firstSlot; index < slots; index++) {
    const slot = file.bytes(index * slotSize, slotSize);
    if (slot?.toString('latin1', 0, 4) !== 'Slot') return;
    const [number, block] = [slot.readUInt32LE(4), slot.readUInt32LE(8)];
    if (block === 0) continue;
    const head = file.bytes(block * blockSize, 16);
    if (head?.toString('latin1', 0, 4) !== 'BlbS' || head.readUInt32LE(4) !== number) continue;
    const blob = file.bytes(block * blockSize + 16, head.readUInt32LE(12));
    if (blob) yield blob;
  }
}
