// Where buildah 1.28 makes another image than BuildKit, as Slipway does not: what the differential test lets pass, and why.
import type { Difference } from './compare-images.ts';

export interface DifferentialCase {
  dockerfile: string;
  /** Seconds since 1970, of the folders that can be copied. */
  folderTimes: readonly number[];
}

interface KnownDifference {
  reason: string;
  /** `left` is Slipway's. */
  covers(difference: Difference, built: DifferentialCase): boolean;
}

const mode = (text: string): number => Number.parseInt(text, 8);
/** What an instruction copies to, as far as its words tell: the last one. */
const targets = (dockerfile: string, instruction: RegExp): string[] =>
  dockerfile.split('\n').flatMap((line) => {
    const target = instruction.test(line) ? /([^\s"]+)"?\]?$/.exec(line)?.[1] : undefined;
    return target === undefined ? [] : [target.replace(/\/$/, '')];
  });

/** What `cp -a` made of it. */
const copies = (dockerfile: string): string[] => dockerfile.match(/\/tmp\/r\d+-copy/g) ?? [];

const mountPoints = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/run'];

export const knownDifferences: readonly KnownDifference[] = [
  {
    reason: 'buildah signs its images with a label',
    covers: ({ at, what, right }) =>
      at === 'config' && what === 'Labels' && right.includes('"io.buildah.version":'),
  },
  {
    reason: 'steps of buildah leave what they mounted on in the image',
    covers: ({ at, what, left, right }) =>
      (what === 'there' && left === 'false' && mountPoints.includes(at)) ||
      (what === 'time' && at === '/etc' && right === 'of the build'),
  },
  {
    reason: 'buildah drops setuid and setgid bits of what COPY and ADD copy; BuildKit keeps them',
    covers: ({ what, left, right }) =>
      what === 'mode' && mode(left) > 0o1777 && (mode(left) & 0o1777) === mode(right),
  },
  {
    reason: 'BuildKit gives folders that COPY and ADD make the mode of --chmod; buildah gives them 0755',
    covers: ({ at, what, right }, { dockerfile }) =>
      what === 'mode' &&
      right === '755' &&
      targets(dockerfile, /^(COPY|ADD) .*--chmod=/).some(
        (target) => target === at || target.startsWith(`${at}/`),
      ),
  },
  {
    reason:
      "BuildKit gives a folder that COPY makes for another's content the time of that; buildah the current one",
    covers: ({ at, what, left, right }, { dockerfile, folderTimes }) =>
      what === 'time' &&
      right === 'of the build' &&
      folderTimes.includes(Number(left)) &&
      [...targets(dockerfile, /^COPY /), ...copies(dockerfile)].includes(at),
  },
  {
    reason:
      "BuildKit applies ADD's --chown to what an archive holds and to nothing else; buildah to the folders that it leaves out",
    covers: ({ at, what }, { dockerfile }) => {
      const unpacked = targets(dockerfile, /^ADD .*--chown=.*pack-/);
      // Also where another step copied it from there.
      const moved = [...targets(dockerfile, /^COPY --from=/), ...copies(dockerfile)];
      const isMember = /\/(top(\/.*)?|two|capable)$/.test(at);
      const places = unpacked.length > 0 && isMember ? [...unpacked, ...moved] : unpacked;
      return what === 'owner' && places.some((place) => at.startsWith(`${place}/`));
    },
  },
  {
    reason: "OCI images have no fields for SHELL and ONBUILD; BuildKit writes Docker's all the same",
    covers: ({ at, what, right }) =>
      at === 'config' && (what === 'Shell' || what === 'OnBuild') && right === 'none',
  },
  {
    reason: 'BuildKit writes the working directory of an image from scratch; buildah leaves it out',
    covers: ({ at, what, left, right }) =>
      at === 'config' && what === 'WorkingDir' && left === '"/"' && right === 'none',
  },
  {
    reason: 'BuildKit lists each port of a range; buildah keeps the range as one',
    covers: ({ at, what, right }) =>
      at === 'config' && what === 'ExposedPorts' && right.includes('"7000-7002/tcp"'),
  },
  {
    reason: 'buildah makes the folders of VOLUME; BuildKit leaves that to who runs the image',
    covers: ({ at, what, left }, { dockerfile }) =>
      what === 'there' &&
      left === 'false' &&
      dockerfile.split('\n').some((line) => line.startsWith('VOLUME ') && line.includes(at)),
  },
];

/** What no row of the table covers. */
export function unexplained(differences: readonly Difference[], built: DifferentialCase): Difference[] {
  return differences.filter((one) => !knownDifferences.some(({ covers }) => covers(one, built)));
}
