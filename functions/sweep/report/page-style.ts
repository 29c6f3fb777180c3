/** Steps of the heat map's scale; the page's policy allows no style but this sheet. */
export const HEAT_STEPS = 10;

function heatRules(): string {
  return Array.from({ length: HEAT_STEPS }, (_, index) => {
    const share = Math.round(((index + 1) * 100) / HEAT_STEPS);
    return `.map .heat${index + 1}{background:color-mix(in oklab,var(--bad) ${share}%,var(--raised))${share > 50 ? ';color:var(--onbad)' : ''}}`;
  }).join('\n');
}

/** The look of the page. Nothing is loaded from anywhere. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6570;--line:#d8dde3;--ground:#fff;--raised:#f5f7f9;--good:#1a7f4b;--bad:#c2312b;--open:#a86500;
--missing:#c2312b;--extra:#7a4bc2;--changed:#9a5b00;--accent:#0b63c5;--onbad:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#9aa5b1;--line:#343b44;--ground:#14181d;--raised:#1d232a;--good:#4cc38a;--bad:#ff7a70;
--open:#f0b352;--missing:#ff7a70;--extra:#b692f6;--changed:#f0b352;--accent:#6cb2ff;--onbad:#1b0504}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:74rem;padding:1.5rem 1.25rem 4rem;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.35rem;margin:0;font-weight:600}h2{font-size:1.05rem;margin:2.4rem 0 .6rem;font-weight:600}
p{margin:.4rem 0;max-width:60rem}small,.soft{color:var(--soft)}
code{font:13px/1.45 ui-monospace,monospace;overflow-wrap:anywhere}
header{display:flex;gap:1rem;align-items:center;flex-wrap:wrap;border-bottom:1px solid var(--line);padding-bottom:1rem}
.answer{font-weight:700;letter-spacing:.03em;padding:.35rem .8rem;border-radius:.4rem;color:#fff;background:var(--open)}
.EQUAL .answer{background:#1a7f4b}.DIVERGED .answer{background:#b3261e}.INCONCLUSIVE .answer{background:#8a5300}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.6rem;margin-top:1rem}
.tile{background:var(--raised);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}
.tile b{display:block;font-size:1.3rem;font-weight:600;font-variant-numeric:tabular-nums}
.reasons{border-left:4px solid var(--open);padding:.2rem 0 .2rem 1rem;margin:1rem 0}.reasons li{margin:.3rem 0}
ul{padding-left:1.2rem;margin:.4rem 0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600;color:var(--soft);font-size:.85rem}td,th{padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
.number{text-align:right}td.number,.kind,td small{white-space:nowrap}td .part{display:flex;gap:.4rem;align-items:baseline}
.scroll{overflow-x:auto}#list td:nth-child(2){min-width:9rem}#list td:nth-child(3) code{margin-right:.5rem}:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.map{display:grid;grid-template-columns:repeat(auto-fill,minmax(2.1rem,1fr));gap:3px;max-width:60rem}
.map span{height:2.1rem;border-radius:3px;border:1px solid var(--line);background:var(--raised);
display:grid;place-items:center;font-size:.7rem;font-variant-numeric:tabular-nums}
.parts{display:flex;flex-wrap:wrap;gap:2px;margin:.3rem 0 .8rem}.parts i{width:.8rem;height:.8rem;border-radius:2px;background:var(--good)}.parts i.unread{background:var(--bad)}
.kind{font-weight:600}.missing .kind{color:var(--missing)}.extra .kind{color:var(--extra)}.changed .kind{color:var(--changed)}
.filters{display:flex;flex-wrap:wrap;gap:.5rem .9rem;align-items:center;margin:.6rem 0}
.filters input[type=search],.filters select{font:inherit;padding:.25rem .5rem;border:1px solid var(--line);border-radius:.35rem;background:var(--ground);color:inherit}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;margin:.4rem 0}dt{color:var(--soft)}dd{margin:0}
${heatRules()}
@media(max-width:40rem){body{padding:1rem .9rem 3rem}dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .5rem}.tile b{font-size:1.1rem}#list th{white-space:nowrap}}
@media print{.filters{display:none!important}body{max-width:none}h2{break-after:avoid}tr,.tile{break-inside:avoid}.answer,.map span,.parts i{print-color-adjust:exact}}
`;
