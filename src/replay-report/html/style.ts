// How the page looks: light, dark and on paper. What colours say is said by signs, too.

const light = `--ground:#fff;--raised:#f6f7f8;--ink:#191d22;--faint:#59626e;--line:#dde1e6;--strong:#c3c9d1;--accent:#1a5fb4;
--hit:#dcebe4;--hit-ink:#3b6b57;--m1:#f8d3ba;--m2:#ee9a66;--m3:#c24c1a;--m4:#86290a;--m-ink:#5b1f08;--m-dark-ink:#fff;
--failed:#5e3a9e;--bar:#c24c1a;--bar2:#4c77a8;--saved:#3f8f6d;--good:#17683a;--bad:#a8321b`;
const dark = `--ground:#13161a;--raised:#1b1f25;--ink:#e7eaee;--faint:#9da7b3;--line:#2c323a;--strong:#48515d;--accent:#85b7f5;
--hit:#1d3831;--hit-ink:#86c4ab;--m1:#4a2c1c;--m2:#84451f;--m3:#cf6d2e;--m4:#ffb680;--m-ink:#ffd9bf;--m-dark-ink:#2a1003;
--failed:#b79cf0;--bar:#e0803f;--bar2:#7ba3d0;--saved:#5fae8d;--good:#77d09c;--bad:#ff9c85`;

export const style = `
:root{color-scheme:light;${light}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${dark}}}
:root[data-theme=dark]{color-scheme:dark;${dark}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif;overflow-wrap:anywhere}
code,.id{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;font-size:.86em}
a{color:var(--accent)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.6rem;background:var(--ground);padding:.4rem .8rem;z-index:9}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
header,main,footer{max-width:88rem;margin:0 auto;padding:0 clamp(1rem,3vw,2.5rem)}
header{padding-top:2.2rem}
.over{display:flex;justify-content:space-between;gap:1rem;align-items:flex-start;color:var(--faint);font-size:.85rem}
h1{font-size:clamp(1.5rem,3.2vw,2.1rem);line-height:1.2;letter-spacing:-.015em;margin:.3rem 0 .5rem;max-width:50rem;font-weight:650;text-wrap:balance}
h2{font-size:1.3rem;letter-spacing:-.01em;margin:0 0 .2rem;font-weight:650}
h3{font-size:.95rem;margin:1.2rem 0 .4rem;font-weight:600}
.lead{color:var(--faint);margin:0 0 .9rem;max-width:52rem}
section{margin-top:3.2rem}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.3rem;list-style:none;margin:1.1rem 0 0;padding:.6rem 0;border:solid var(--line);border-width:1px 0;font-size:.9rem}
nav a{text-decoration:none}nav a:hover{text-decoration:underline}
button{font:inherit;font-size:.85rem;color:var(--ink);background:var(--raised);border:1px solid var(--strong);border-radius:6px;padding:.2rem .7rem;cursor:pointer;white-space:nowrap}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:1rem;margin:1.4rem 0}
.tile{border:1px solid var(--line);border-top:3px solid var(--strong);border-radius:4px 4px 8px 8px;padding:.9rem 1.1rem 1rem}
.tile.best{border-top-color:var(--good)}
.tile h3{margin:0}.tile dl{display:flex;flex-wrap:wrap;gap:.2rem 1.8rem;margin:.5rem 0 0}
.tile dt{color:var(--faint);font-size:.8rem}.tile dd{margin:0;font-size:1.55rem;font-weight:600;letter-spacing:-.02em;line-height:1.25;font-variant-numeric:tabular-nums}
.tile p{margin:.5rem 0 0;font-size:.9rem;color:var(--faint)}.good{color:var(--good);font-weight:600}.bad{color:var(--bad);font-weight:600}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,34rem),1fr));gap:0 2.5rem;align-items:start}
.pair>*{min-width:0}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--faint);font-size:.85rem;padding:0 0 .3rem}
.figures{width:100%}
.figures th,.figures td{padding:.34rem .7rem .34rem 0;text-align:right;border-bottom:1px solid var(--line);vertical-align:baseline;font-weight:400}
.figures thead th{color:var(--faint);font-size:.8rem;border-bottom-color:var(--strong);white-space:nowrap;background:var(--ground)}
.figures .words{text-align:left;white-space:normal;min-width:8rem}.figures.sums{max-width:60rem}.figures.sums .words{width:auto}.figures.long .words{width:auto}.figures :last-child{padding-right:0}
.figures td:not(.words){white-space:nowrap}
.tall{max-height:34rem;overflow:auto}.tall thead th{position:sticky;top:0;z-index:1}
.bar{display:block;width:9rem;height:4px;margin:.15rem 0 .1rem auto}.figures th.words{width:60%}.figures td.words{width:40%}.pair .bar{width:7rem}.bar rect{fill:var(--bar)}.saved rect{fill:var(--saved)}.bar .rest{fill:var(--line)}
.map{overflow:auto;max-height:40rem;border:1px solid var(--line);border-radius:8px;padding:0 .6rem .6rem 0;scroll-padding:6rem 2rem 2rem min(20rem,45vw)}
.grid{border-collapse:separate;border-spacing:2px;font-size:.82rem}
.grid th{font-weight:400;background:var(--ground)}
.grid thead th{position:sticky;top:0;z-index:2;height:5.2rem;vertical-align:bottom;padding:.5rem 0 .2rem;color:var(--faint)}
.grid thead .id{writing-mode:vertical-rl;transform:rotate(180deg);font-size:.72rem;line-height:1.1rem;white-space:nowrap}
.grid tbody th,.grid .corner{position:sticky;left:0;z-index:1;text-align:left;padding:.15rem .8rem .15rem .8rem;width:min(20rem,45vw);min-width:min(20rem,45vw);max-width:min(20rem,45vw)}
.grid .corner{z-index:3}
.grid tbody th>span{display:flex;gap:.8rem;justify-content:space-between;align-items:baseline;line-height:1.3}.grid tbody th code{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;overflow-wrap:normal}
.grid tbody th i{font-style:normal;color:var(--faint);white-space:nowrap}
.grid td{width:1.05rem;min-width:1.05rem;height:1.5rem;padding:0;text-align:center;line-height:1;border-radius:3px;cursor:default;font-weight:600}
.grid td[tabindex]:focus{outline:3px solid var(--accent);outline-offset:1px;position:relative;z-index:1}
.H{background:var(--hit);color:var(--hit-ink)}.H::after{content:"·"}
.M1,.M2,.M3,.M4{background:var(--m1);color:var(--m-ink)}.M2{background:var(--m2)}.M3{background:var(--m3);color:var(--m-dark-ink)}.M4{background:var(--m4);color:var(--m-dark-ink)}
.M1::after,.M2::after,.M3::after,.M4::after{content:"×"}
.F{background:var(--failed);color:var(--ground)}.F::after{content:"!"}
.S{color:var(--faint)}.S::after{content:"–"}
.grid .first{border-right:2px solid var(--strong)}
.key{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;list-style:none;margin:.6rem 0;padding:0;font-size:.82rem;color:var(--faint)}
.key span{display:inline-block;width:1.2rem;height:1.2rem;line-height:1.1rem;border-radius:3px;text-align:center;margin-right:.4rem;font-weight:600}
.details{background:var(--raised);border-radius:8px;padding:.8rem 1.1rem;margin-top:.6rem;min-height:7rem;font-size:.9rem}
.details p{margin:.1rem 0}.details .name{font-weight:600}.details ul{margin:.3rem 0 0;padding-left:1.2rem}.details .faint,.faint{color:var(--faint)}
.plot{margin:0 0 1.2rem}.plot figcaption{font-size:.9rem;font-weight:600;margin-bottom:.5rem}.plot figcaption span{font-weight:400;color:var(--faint)}
.frame{display:grid;grid-template-columns:4.4rem 1fr;gap:0 .5rem}
.axis{display:flex;flex-direction:column;justify-content:space-between;text-align:right;font-size:.75rem;color:var(--faint);line-height:1;margin:-.35rem 0}
.frame svg{display:block;width:100%;height:9rem;overflow:visible}.frame .along{grid-column:2;display:flex;justify-content:space-between;font-size:.72rem;color:var(--faint);padding-top:.3rem}
.frame line{stroke:var(--line)}.frame .b rect{fill:var(--bar)}.frame .b2 rect{fill:var(--bar2)}.frame .middle{stroke:var(--ink);stroke-dasharray:4 4}
details{margin:.5rem 0}summary{cursor:pointer;color:var(--accent);font-size:.88rem;width:fit-content}
pre{background:var(--raised);border-radius:8px;padding:.9rem 1.1rem;overflow-x:auto;font-size:.82rem;line-height:1.45;margin:.6rem 0}
ins,del{display:block;text-decoration:none}ins{color:var(--good)}del{color:var(--bad)}
footer{margin-top:4rem;padding-bottom:3rem;color:var(--faint);font-size:.85rem}
footer dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;border-top:1px solid var(--line);padding-top:1rem}footer dd{margin:0}
@media (max-width:40rem){.frame{grid-template-columns:3.4rem 1fr}section{margin-top:2.4rem}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@media print{:root,:root[data-theme]{color-scheme:light;${light}}body{font-size:11px}header,main,footer{max-width:none;padding:0}
button,nav,.skip,.details,summary{display:none}.map,.tall{max-height:none;overflow:visible;border:0}.grid td{width:.4rem;min-width:.4rem;height:.9rem;font-size:8px}.grid{border-spacing:1px;font-size:9px}.grid thead .id{display:none}.grid thead th{height:auto}
.grid thead th,.tall thead th,.grid tbody th{position:static}.grid tbody th,.grid .corner{width:12rem;min-width:12rem;max-width:12rem}
section,.plot,tr{break-inside:avoid}h2,h3{break-after:avoid}.grid td,.key span,.bar rect,.frame rect{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
