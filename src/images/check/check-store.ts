// Whether a state folder is sound: each thing in it is what its name says, and leads to what is there.
import { existsSync, lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { EngineOptions } from '../../engine.ts';
import { SlipwayError } from '../../errors.ts';
import { othersAtWork } from '../../fs/lease.ts';
import type { StoreCheckRequest, StoreReport } from '../../image-request.ts';
import { createStoreRoot } from '../../store/store-root.ts';
import type { DiskFile } from '../disk-files.ts';
import { type OpenStore, openStore } from '../open-store.ts';
import { checkBlobs } from './check-blobs.ts';
import { checkDocuments } from './check-documents.ts';
import { checkFormat, checkIndex } from './check-format.ts';
import { checkLeftovers } from './check-leftovers.ts';
import { checkOthers } from './check-others.ts';
import { checkRecords } from './check-records.ts';
import { checkSnapshots } from './check-snapshots.ts';
import { createFindings, type Findings } from './findings.ts';

export interface CheckParts {
  /** Absolute. */
  root: string;
  store: OpenStore;
  env: EngineOptions['env'];
  quick: boolean;
  findings: Findings;
  /** Whether an unfinished file may be one that somebody is writing right now. */
  isBeingWritten(file: Pick<DiskFile, 'mtime'>): boolean;
  /** Somebody works here. */
  isInUse: boolean;
  signal: AbortSignal;
}

/** Milliseconds that a small file takes to be written, on a busy disk. */
const writingTime = 10_000;

/**
 * Looks at everything in the state folder. Builds may run meanwhile: what they are about to finish is not taken for damage. A
 * folder that is not there is sound.
 * @throws ERR_STORE for a store of another version, or one that may not be read
 */
export async function checkStore(
  engine: Pick<EngineOptions, 'root' | 'env'>,
  { quick, repair }: StoreCheckRequest,
  signal: AbortSignal,
): Promise<StoreReport> {
  const root = resolve(engine.root);
  const findings = createFindings(root, repair);
  if (!existsSync(root)) return findings.report(quick);
  if (!lstatSync(root).isDirectory() && !existsSync(join(root, '.')))
    throw new SlipwayError('ERR_STORE', `${root} is no folder`, { hint: 'name a folder with --root' });
  createStoreRoot(root).check();
  const isInUse = othersAtWork(root);
  const parts: CheckParts = {
    ...{ root, store: openStore({ root }), env: engine.env, quick, findings, isInUse, signal },
    isBeingWritten: ({ mtime }) => isInUse && Math.abs(Date.now() - mtime) < writingTime,
  };
  await checkFormat(parts);
  const blobs = await checkBlobs(parts);
  const files = await checkRecords({ ...parts, blobs });
  await checkDocuments({ ...parts, blobs, files });
  await checkIndex(parts);
  await checkSnapshots({ ...parts, blobs });
  await checkOthers(parts);
  await checkLeftovers(parts);
  return findings.report(quick);
}
