// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language under test writes variables so.
// Where the rules with ShellCheck's codes fire, and where they do not. A text that has no FROM gets `FROM debian:12` as its
// first line. A hit is a text and the places, `line:column`, of what is found.

export interface ShellCases {
  hits: readonly (readonly [text: string, ...places: string[]])[];
  clean: readonly string[];
}

const dash = 'FROM a:1\nSHELL ["/bin/dash", "-c"]\n';
const bash = 'FROM a:1\nSHELL ["/bin/bash", "-c"]\n';

export const scCases: Readonly<Record<string, ShellCases>> = {
  SC1001: {
    hits: [
      ['RUN a b\\d', '2:8'],
      ['RUN a \\\n  b && sed s/\\-/\\d/ x', '3:14', '3:17'],
      ['RUN a > \\d', '2:9'],
    ],
    clean: [
      'RUN \\cp a b',
      'RUN a \'b\\d\' "b\\d"',
      'RUN a \\$b \\(c\\) \\; \\* \\\\ \\{\\}',
      `${bash}RUN [[ $HOME =~ \\d ]]`,
      'RUN a ${HOME%\\d}',
    ],
  },
  SC2005: {
    hits: [
      ['RUN echo $(a)', '2:10'],
      ['RUN echo "$(a | b)" > c', '2:10'],
      ['RUN a && \\\n echo `b`', '3:7'],
    ],
    clean: ['RUN echo a $(b)', 'RUN echo "$(a) b"', 'RUN echo -n $(a)', 'RUN printf "$(a)"'],
  },
  SC2006: {
    hits: [
      ['RUN a `b`', '2:7'],
      ['RUN a "x`b`" && c=`d`', '2:9', '2:19'],
      ['RUN <<EOF\na\n  b `c`\nEOF', '4:5'],
    ],
    clean: ['RUN a $(b)', "RUN a '`b`'", 'RUN a \\`b\\`'],
  },
  SC2012: {
    hits: [
      ['RUN ls | wc -l', '2:5'],
      ['RUN a && ls -t /b | head -1', '2:10'],
      ['RUN x=$(ls /b | sort)', '2:9'],
    ],
    clean: ['RUN ls', 'RUN find . | wc -l', 'RUN ls | grep a', 'RUN a | ls'],
  },
  SC2016: {
    hits: [
      ["RUN echo '$a'", '2:10'],
      ["RUN a 'b ${c}' '$(d)' '`e`'", '2:7', '2:16', '2:23'],
      ["RUN sed 's/$foo/b/' c", '2:9'],
      ["RUN find . -exec a '$b' \\;", '2:20'],
    ],
    clean: [
      "RUN sh -c '$a'",
      "RUN awk '{print $1}' a",
      "RUN sed '$d' a",
      "RUN find . -exec sh -c '$1' \\;",
      "RUN grep 'a$' b",
      "RUN PS1='$a' b",
      'RUN echo "$HOME"',
    ],
  },
  SC2028: {
    hits: [
      ['RUN echo "a\\nb"', '2:10'],
      ["RUN echo -n 'a\\t' 'b\\033'", '2:13', '2:19'],
      ['RUN a && \\\n echo a\\\\nb > c', '3:7'],
    ],
    clean: ['RUN echo -e "a\\nb"', 'RUN printf "a\\nb"', 'RUN echo "a\\d"', `${dash}RUN echo "a\\nb"`],
  },
  SC2035: {
    hits: [
      ['RUN rm *.x', '2:8'],
      ['RUN cp -r * ?a /b', '2:11', '2:13'],
      ['RUN tar c \\\n  *.x', '3:3'],
    ],
    clean: ['RUN rm ./*.x', 'RUN rm -- *', 'RUN echo *', 'RUN for i in *; do a "$i"; done', 'RUN rm "*"'],
  },
  SC2038: {
    hits: [
      ['RUN find . | xargs rm', '2:5'],
      ['RUN a && find . -type f | xargs -n1 b', '2:10'],
      ['RUN find . -name x \\\n  | xargs b', '2:5'],
    ],
    clean: [
      'RUN find . -print0 | xargs -0 rm',
      'RUN find . | xargs -0 rm',
      'RUN find . | sort | xargs rm',
      'RUN find . -printf "%p" | xargs rm',
    ],
  },
  SC2046: {
    hits: [
      ['RUN a $(b)', '2:7'],
      ['RUN a b/`c`/d', '2:9'],
      ['RUN a "$(b $(c))"', '2:12'],
      ['RUN a > $(b)', '2:9'],
      ['RUN export A=$(b)', '2:14'],
      ['RUN a \\\n  # b\n  $(c)', '4:3'],
    ],
    clean: [
      'RUN a "$(b)"',
      'RUN a=$(b)',
      'RUN for i in $(b); do c; done',
      'RUN case $(a) in b) ;; esac',
      'RUN a $(seq 3)',
      'RUN $(a) b',
      `${bash}RUN export A=$(b)`,
      `${bash}RUN [[ $(a) = b ]]`,
    ],
  },
  SC2059: {
    hits: [
      ['RUN printf "$A"', '2:12'],
      ['RUN printf -- "a$A" b', '2:15'],
      ['RUN a && printf "$(b)"', '2:17'],
    ],
    clean: ['RUN printf "%s" "$A"', "RUN printf 'a'", 'RUN printf "%s$A" b', 'RUN printf'],
  },
  SC2086: {
    hits: [
      ['RUN a $B', '2:7'],
      ['RUN a ${B}/c x$D', '2:7', '2:15'],
      ['RUN x=$(a) && b $x', '2:17'],
      ['RUN x=; a $x', '2:11'],
      ['RUN if a; then x=1; fi; b $x', '2:27'],
      ['RUN x=1; while a; do b $x; x=$(c); done', '2:24'],
      ['RUN read -r x; a $x', '2:18'],
      ['RUN [ $B = c ]', '2:7'],
      ['RUN a ${B%x} ${B:-c}', '2:7', '2:14'],
      ['ARG B\nFROM a:1\nRUN c $B', '3:7'],
      ['RUN <<-EOF\n\ta \\\n\t\t$B\nEOF', '4:3'],
    ],
    clean: [
      'RUN a "$B"',
      'ENV B=1\nRUN a $B',
      'ARG B\nRUN a $B',
      'FROM a:1 AS x\nENV B=1\nFROM x\nRUN a $B',
      'RUN x=1; a $x',
      'RUN if a; then x=1; else x=2; fi; b $x',
      'RUN x=1 || exit; a $x',
      'RUN for i in a b; do c $i; done',
      'RUN a $? $# $$ ${#B}',
      'RUN a ${B:+"$B"} ${B+$C}',
      'RUN $B c',
      'RUN : ${B:=c}',
      'RUN exit 1; a $?',
      'RUN x=$B; case $B in c) ;; esac',
      'RUN x=$((B + 1)); a $x',
      `${bash}RUN [[ $B = c ]]`,
      'RUN ["sh", "-c", "a $B"]',
    ],
  },
  SC2068: {
    hits: [
      ['RUN f() { a $@; }', '2:13'],
      ['RUN f() { a ${@} x; }', '2:13'],
      ['RUN f() { \\\n for i in $@; do a "$i"; done; }', '3:11'],
      [`${bash}RUN x=(a b); c \${x[@]}`, '3:16'],
    ],
    clean: [
      'RUN f() { a "$@"; }',
      'RUN f() { x="$@"; }',
      'RUN f() { a ${@+"$@"}; }',
      `${bash}RUN x=(a); c \${#x[@]}`,
    ],
  },
  SC2102: {
    hits: [
      ['RUN pip install a[bb]', '2:18'],
      ['RUN ls [a-zz]', '2:8'],
      ['RUN a \\\n x[all] y', '3:3'],
    ],
    clean: ['RUN pip install "a[bb]"', 'RUN ls [a-z]', 'RUN ls [[:alpha:]]', 'RUN tr [aa] b'],
  },
  SC2154: {
    hits: [
      ['RUN a "$b"', '2:8'],
      ['RUN a "${b}" "$b" && c "$d"', '2:8', '2:25'],
      ['FROM a:1 AS x\nENV b=1\nFROM c:1\nRUN a "$b"', '4:8'],
      ['RUN b=1 a && c "$b"', '2:17'],
    ],
    clean: [
      'RUN a "$B"',
      'ENV b=1\nRUN a "$b"',
      'ARG b c=2\nRUN a "$b" "$c"',
      'FROM a:1 AS x\nENV b=1\nFROM x\nRUN a "$b"',
      'RUN b=1; a "$b"',
      'RUN for b in c; do a "$b"; done',
      'RUN while read -r b; do a "$b"; done',
      'RUN a "${b:-c}"',
      'RUN a "${b:?}" && c "$b"',
      'RUN [ -n "$b" ]',
      'RUN a "$http_proxy"',
      'RUN : "${b:=1}" && a "$b"',
      'RUN a $((b = 1)) "$b"',
    ],
  },
  SC2155: {
    hits: [
      ['RUN export a=$(b)', '2:12'],
      ['RUN export a="$(b)" c=`d`', '2:12', '2:21'],
      ['RUN f() { local x=$(a); }', '2:17'],
    ],
    clean: ['RUN a=$(b); export a', 'RUN export a=b', 'RUN a=$(b)', "RUN export a='$(b)'"],
  },
  SC2162: {
    hits: [
      ['RUN read a', '2:5'],
      ['RUN a | while read b; do c "$b"; done', '2:15'],
      ['RUN a && \\\n read -p b c', '3:2'],
    ],
    clean: ['RUN read -r a', 'RUN read -rp a b', 'RUN a read'],
  },
  SC2164: {
    hits: [
      ['RUN cd a; b', '2:5'],
      ['RUN (cd a; b)', '2:6'],
      ['RUN a && cd b; c', '2:10'],
      ['RUN <<EOF\ncd a\nb\nEOF', '3:1'],
    ],
    clean: [
      'RUN cd a && b',
      'RUN cd a || exit 1; b',
      'RUN set -e; cd a; b',
      'RUN cd ..; cd /',
      'RUN if cd a; then b; fi',
    ],
  },
  SC2166: {
    hits: [
      ['RUN [ "$A" -a "$B" ]', '2:12'],
      ['RUN [ ! -f a -o -f b -o -z c ]', '2:14', '2:22'],
      ['RUN a && \\\n [ x = "$A" -o \\\n y = "$A" ]', '3:13'],
    ],
    clean: ['RUN [ -f a ] && [ -f b ]', 'RUN [ -a b ]', 'RUN test a -o b', 'RUN find . -o -name b'],
  },
  SC2226: {
    hits: [
      ['RUN ln -s /a', '2:5'],
      ['RUN a && ln /b', '2:10'],
      ['RUN ln -sf \\\n  /a', '2:5'],
    ],
    clean: ['RUN ln -s /a /b', 'RUN ln -s -t a /b', 'RUN ln -s $A', 'RUN ln -s a*'],
  },
  SC2283: {
    hits: [
      ['RUN a = b', '2:7'],
      ['RUN a =b', '2:7'],
      ['RUN x && \\\n a = b', '3:4'],
    ],
    clean: ['RUN a=b', 'RUN a "=" b', 'RUN [ a = b ]', 'RUN a == b'],
  },
  SC3001: {
    hits: [
      ['RUN a <(b)', '2:7'],
      ['RUN a \\\n <(b) >(c)', '3:2', '3:7'],
      [`${dash}RUN a > >(b)`, '3:9'],
    ],
    clean: [`${bash}RUN a <(b)`, 'RUN a "<(b)"', 'RUN a < b'],
  },
  SC3009: {
    hits: [
      ['RUN a {b,c}', '2:7'],
      ['RUN mkdir -p x/{b,c}', '2:16'],
      ['RUN a \\\n {1..3}', '3:2'],
      ['FROM a:1\nSHELL ["/bin/ash", "-c"]\nRUN b {c,d}', '3:7'],
    ],
    clean: ['RUN a "{b,c}"', `${bash}RUN a {b,c}`, 'RUN a {b}', '# hadolint shell=bash\nRUN a {b,c}'],
  },
  SC3010: {
    hits: [
      ['RUN [[ a = b ]]', '2:5'],
      ['RUN if [[ -n "$A" ]]; then b; fi', '2:8'],
      ['RUN a && \\\n [[ -f b ]]', '3:2'],
    ],
    clean: [
      'RUN [ a = b ]',
      `${bash}RUN [[ a = b ]]`,
      'FROM a:1\nSHELL ["ash", "-c"]\nRUN [[ a = b ]]',
      'RUN echo "[[ a ]]"',
    ],
  },
  SC3011: {
    hits: [
      ['RUN a <<< b', '2:7'],
      ['RUN x && a <<< "b" && c', '2:12'],
      [`${dash}RUN a <<<b`, '3:7'],
    ],
    clean: [`${bash}RUN a <<< b`, 'RUN a "<<< b"', 'RUN a < b'],
  },
  SC3014: {
    hits: [
      ['RUN [ a == b ]', '2:9'],
      ['RUN if [ "$A" == b -o "$A" == c ]; then d; fi', '2:15', '2:28'],
      [`${dash}RUN [ a == b ]`, '3:9'],
    ],
    clean: [
      'RUN [ a = b ]',
      `${bash}RUN [ a == b ]`,
      'RUN <<EOF\n#!/bin/bash\n[ a == b ]\nEOF',
      'RUN a == b',
    ],
  },
  SC3020: {
    hits: [
      ['RUN a &> b', '2:7'],
      ['RUN a &>b && c', '2:7'],
      ['RUN { a; } \\\n &> b', '3:2'],
    ],
    clean: ['RUN a > b 2>&1', `${bash}RUN a &> b`, 'RUN a "&> b"'],
  },
  SC3036: {
    hits: [
      [`${dash}RUN echo -e a`, '3:10'],
      [`${dash}RUN echo -ne a`, '3:10'],
      ['FROM a:1\nSHELL ["dash", "-c"]\nRUN b && echo "-E" c', '3:15'],
    ],
    clean: [`${dash}RUN echo -n a`, 'RUN echo -e a', `${bash}RUN echo -e a`],
  },
  SC3037: {
    hits: [
      ['RUN echo -e a', '2:10'],
      ['RUN a && echo -n b', '2:15'],
      ['RUN <<EOF\n#!/bin/sh\necho "-E" a\nEOF', '4:6'],
    ],
    clean: ['RUN echo a -e', `${bash}RUN echo -e a`, 'RUN printf a', 'RUN echo --help'],
  },
  SC3040: {
    hits: [
      ['RUN set -o pipefail; a', '2:12'],
      ['RUN set -euo pipefail && a', '2:14'],
      ['RUN a && \\\n set +o posix', '3:9'],
    ],
    clean: [
      'RUN set -o errexit',
      `${bash}RUN set -o pipefail`,
      'RUN set -e',
      'RUN <<EOF bash\nset -o pipefail\nEOF',
    ],
  },
  SC3046: {
    hits: [
      ['RUN source a', '2:5'],
      ['RUN b && source a', '2:10'],
      ['RUN b && \\\n source a', '3:2'],
    ],
    clean: ['RUN . a', `${bash}RUN source a`, 'RUN a source', 'RUN /bin/source a'],
  },
  SC3050: {
    hits: [
      ['RUN printf %q a', '2:12'],
      ['RUN a && printf "%s %q" b c', '2:17'],
      [`${dash}RUN printf -- '%q' a`, '3:15'],
    ],
    clean: ['RUN printf %s a', `${bash}RUN printf %q a`, 'RUN printf a %q'],
  },
};
