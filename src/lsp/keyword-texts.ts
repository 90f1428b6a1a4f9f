// What each instruction does, in a line or two, for somebody who points at it.
import type { Keyword } from '../dockerfile/instruction.ts';

export const keywordTexts: Readonly<Record<Keyword, { form: string; does: string }>> = {
  ADD: {
    form: 'ADD [--chown=…] [--chmod=…] [--link] [--checksum=…] SOURCE... DESTINATION',
    does: 'Copies files of the build context into the image; unpacks local archives, and fetches URLs and Git repositories. COPY is plainer where none of that is meant.',
  },
  ARG: {
    form: 'ARG NAME[=DEFAULT]...',
    does: 'Declares variables that `--build-arg` sets. They hold up to the end of the stage, and are no part of the image; in front of the first FROM they are for FROM lines, and for stages that declare them again.',
  },
  CMD: {
    form: 'CMD ["PROGRAM", "WORD"...]',
    does: 'What a container runs when nobody says anything else; behind an ENTRYPOINT, its arguments. The last one counts.',
  },
  COPY: {
    form: 'COPY [--from=STAGE|IMAGE] [--chown=…] [--chmod=…] [--link] [--exclude=…] SOURCE... DESTINATION',
    does: 'Copies files of the build context, of another stage or of an image into the image.',
  },
  ENTRYPOINT: {
    form: 'ENTRYPOINT ["PROGRAM", "WORD"...]',
    does: 'The program that a container runs; CMD and the words behind `run IMAGE` are its arguments.',
  },
  ENV: {
    form: 'ENV NAME=VALUE...',
    does: 'Sets variables for all instructions that follow, for stages built on this one, and for containers of the image.',
  },
  EXPOSE: {
    form: 'EXPOSE PORT[/PROTOCOL]...',
    does: 'Notes the ports on which a container listens. It opens none.',
  },
  FROM: {
    form: 'FROM [--platform=…] IMAGE|STAGE|scratch [AS NAME]',
    does: 'Begins a stage on an image, on a stage above, or on nothing. Of the last stage, or the one that `--target` names, the image is made.',
  },
  HEALTHCHECK: {
    form: 'HEALTHCHECK [--interval=…] [--timeout=…] [--start-period=…] [--retries=…] CMD ...|NONE',
    does: 'How to find out whether a container still works: exit code 0 is healthy, 1 is not.',
  },
  LABEL: { form: 'LABEL NAME=VALUE...', does: 'Adds metadata to the image.' },
  MAINTAINER: {
    form: 'MAINTAINER NAME',
    does: 'Names the author of the image. Out of use: LABEL org.opencontainers.image.authors=… says the same.',
  },
  ONBUILD: {
    form: 'ONBUILD INSTRUCTION',
    does: 'Keeps an instruction in the image, to be run when another build starts from it.',
  },
  RUN: {
    form: 'RUN [--mount=…] [--network=…] [--security=…] COMMAND',
    does: 'Runs a command, by the shell or as a JSON array of words, and keeps the files that it changes as a layer.',
  },
  SHELL: {
    form: 'SHELL ["PROGRAM", "WORD"...]',
    does: 'The shell of the RUN, CMD and ENTRYPOINT lines that follow and are no JSON arrays. `["/bin/sh", "-c"]` unless set.',
  },
  STOPSIGNAL: { form: 'STOPSIGNAL SIGNAL', does: 'The signal that asks a container to end.' },
  USER: {
    form: 'USER USER[:GROUP]',
    does: 'Who runs the commands that follow, and the container: names of the image, or numbers.',
  },
  VOLUME: {
    form: 'VOLUME PATH...',
    does: 'Paths that get a volume of their own in each container. What later RUN lines change there may be lost.',
  },
  WORKDIR: {
    form: 'WORKDIR PATH',
    does: 'The folder for the instructions that follow and for the container; made where it is missing. A relative path starts from the one before.',
  },
};
