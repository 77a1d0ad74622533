/// The style sheet of the report. Colours are variables, so that the dark scheme changes them alone;
/// text and lines keep a contrast of at least 4.5 to 1 in both.
let htmlStyle = """
  :root {
    --page: #faf9f7; --surface: #ffffff; --ink: #1f1d1a; --muted: #68635c; --line: #e7e2da;
    --cell: #f0edf7; --heat: #4b2fbf; --loss: #4b2fbf; --wer: #b4530a; --per: #0b7a6f;
    --right: #15703a; --wrong: #b3261e; --mark: #fde0dc;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --page: #131417; --surface: #1b1d21; --ink: #eceae6; --muted: #a5a19a; --line: #2e3137;
      --cell: #25262d; --heat: #b9a5ff; --loss: #b9a5ff; --wer: #f4ae63; --per: #52d0bd;
      --right: #79d897; --wrong: #ff938a; --mark: #54231f;
    }
  }
  * { box-sizing: border-box; }
  body {
    margin: 0; background: var(--page); color: var(--ink);
    font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    -webkit-text-size-adjust: 100%;
  }
  main { max-width: 1060px; margin: 0 auto; padding: 48px 24px 64px; }
  h1 { font-size: clamp(1.7rem, 5vw, 2.4rem); line-height: 1.15; margin: 0 0 12px;
    letter-spacing: -0.02em; text-wrap: balance; }
  h2 { font-size: 1.25rem; margin: 0; letter-spacing: -0.01em; }
  section { margin-top: 48px; }
  .introduction { font-size: 1.08rem; color: var(--muted); margin: 0; max-width: 68ch; }
  .explanation { color: var(--muted); margin: 2px 0 16px; }
  dl, dd, figure { margin: 0; }
  .figures { display: grid; gap: 12px; margin-top: 32px;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 155px), 1fr)); }
  .figures div, .charts figure, .maps figure, .scroll, .conditions {
    background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
  .figures div { padding: 14px 16px; display: grid; grid-row: span 2;
    grid-template-rows: subgrid; row-gap: 0; }
  .figures dt { align-self: end; }
  .figures dt, .figures span { color: var(--muted); font-size: 0.85rem; line-height: 1.35; }
  .figures strong { display: block; font-size: 1.75rem; line-height: 1.25; font-weight: 650;
    letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
  .figures span { display: block; }
  .charts { display: grid; gap: 16px;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
  .charts figure { padding: 16px 14px 8px; }
  figcaption { font-weight: 600; padding: 0 4px; }
  .chart { display: block; width: 100%; height: auto; }
  svg text { fill: var(--ink); font-family: inherit; }
  .chart .tick { font-size: 13px; fill: var(--muted); font-variant-numeric: tabular-nums; }
  .chart .faint { font-size: 12px; opacity: 0.85; }
  .end { text-anchor: end; }
  .middle { text-anchor: middle; }
  .grid { stroke: var(--line); }
  .line { fill: none; stroke-width: 2.25; stroke-linejoin: round; stroke-linecap: round; }
  .line.loss { stroke: var(--loss); } .line.wer { stroke: var(--wer); }
  .line.per { stroke: var(--per); }
  .dot { stroke: var(--surface); stroke-width: 1.5; }
  .chart .value { font-size: 14px; font-weight: 650; paint-order: stroke;
    stroke: var(--surface); stroke-width: 4px; stroke-linejoin: round; }
  .dot.loss, .chart .value.loss { fill: var(--loss); }
  .dot.wer, .chart .value.wer { fill: var(--wer); }
  .dot.per, .chart .value.per { fill: var(--per); }
  .maps { display: flex; flex-wrap: wrap; gap: 16px; }
  .maps::after { content: ""; flex: 1000 1 0; }
  .maps figure { padding: 14px 16px 16px; max-width: 100%; flex: 1 0 auto; }
  .maps figcaption { display: flex; justify-content: space-between; gap: 20px;
    padding: 0 0 8px; }
  .maps figcaption span { font-weight: 400; font-size: 0.9rem; }
  .heat { display: block; max-width: 100%; height: auto; margin: 0 auto; }
  .heat text { font-size: 15px; }
  .heat .letter { text-anchor: middle; font-weight: 600; }
  .heat .phoneme { text-anchor: end; fill: var(--muted);
    font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
    font-size: 14px; }
  .heat rect { fill: var(--cell);
    fill: color-mix(in oklab, var(--heat) calc(var(--w) * 100%), var(--cell)); }
  .heat rect:hover { stroke: var(--ink); stroke-width: 1.5; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: 8px 16px; vertical-align: baseline; }
  th { white-space: nowrap; }
  thead th { color: var(--muted); font-size: 0.85rem; font-weight: 500; }
  tbody tr { border-top: 1px solid var(--line); }
  tbody th { font-weight: 600; }
  td { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
    font-size: 0.9rem; }
  thead th:last-child, td:last-child { text-align: right; }
  td:last-child { font-family: inherit; white-space: nowrap; }
  mark { background: var(--mark); color: var(--wrong); border-radius: 4px; padding: 1px 4px;
    margin: 0 -1px; font-weight: 600; }
  .right { color: var(--right); white-space: nowrap; }
  .wrong { color: var(--wrong); white-space: nowrap; }
  .conditions { margin-top: 16px; padding: 0 16px; overflow: hidden; display: grid; column-gap: 40px;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); }
  .conditions div { display: flex; justify-content: space-between; gap: 20px; padding: 9px 0;
    border-top: 1px solid var(--line); margin-top: -1px; }
  .conditions dt { color: var(--muted); }
  .conditions dd { text-align: right; font-variant-numeric: tabular-nums;
    overflow-wrap: anywhere; }
  footer { margin-top: 48px; color: var(--muted); font-size: 0.9rem; }
  footer p { margin: 0 0 6px; max-width: 80ch; }
  @media (max-width: 520px) {
    main { padding: 28px 16px 48px; }
    section { margin-top: 36px; }
    th, td { padding: 8px; }
    tr > :first-child { padding-left: 14px; } tr > :last-child { padding-right: 14px; }
    .figures { grid-template-columns: 1fr 1fr; }
    .figures strong { font-size: 1.45rem; }
  }

  """
