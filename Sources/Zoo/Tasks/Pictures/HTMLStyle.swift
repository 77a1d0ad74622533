/// The colours of pages and pictures. They are variables, so that the dark scheme changes them alone;
/// text and lines keep a contrast of at least 4.5 to 1 in both.
package let paletteStyle = """
  :root {
    --page: #faf9f7; --surface: #ffffff; --ink: #1f1d1a; --muted: #68635c; --line: #e7e2da;
    --cell: #f0edf7; --heat: #4b2fbf; --button: #8a8378;
    --series-0: #4b2fbf; --series-1: #b4530a; --series-2: #0b7a6f; --series-3: #a3195b;
    --series-4: #1f6fb2; --series-5: #6b6a00; --series-6: #8a3fb0; --series-7: #6b4f3a;
    --right: #15703a; --wrong: #b3261e; --mark: #fde0dc;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --page: #131417; --surface: #1b1d21; --ink: #eceae6; --muted: #a5a19a; --line: #2e3137;
      --cell: #25262d; --heat: #b9a5ff; --button: #7d7a75;
      --series-0: #b9a5ff; --series-1: #f4ae63; --series-2: #52d0bd; --series-3: #ff8fc0;
      --series-4: #7fbfff; --series-5: #d9d35c; --series-6: #dca0ff; --series-7: #d3b198;
      --right: #79d897; --wrong: #ff938a; --mark: #54231f;
    }
  }

  """

/// The style of the elements of a picture, on a page and in a file of its own.
package let pictureStyle = """
  svg { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
  svg text { fill: var(--ink); font-size: 15px; }
  svg .surface { fill: var(--surface); }
  svg .end { text-anchor: end; }
  svg .middle { text-anchor: middle; }
  svg .tick { font-size: 13px; fill: var(--muted); font-variant-numeric: tabular-nums; }
  svg .faint { font-size: 12px; }
  svg .strong { fill: var(--ink); font-weight: 600; }
  svg .grid { stroke: var(--line); }
  svg .line { fill: none; stroke: var(--ink); stroke-width: 2.25; stroke-linejoin: round;
    stroke-linecap: round; }
  svg .line.past { stroke: var(--muted); }
  svg .line.series-0 { stroke: var(--series-0); }
  svg .line.series-1 { stroke: var(--series-1); stroke-dasharray: 7 5; }
  svg .line.series-2 { stroke: var(--series-2); stroke-dasharray: 2 5; }
  svg .line.series-3 { stroke: var(--series-3); stroke-dasharray: 10 4 2 4; }
  svg .line.series-4 { stroke: var(--series-4); stroke-dasharray: 14 4; }
  svg .line.series-5 { stroke: var(--series-5); stroke-dasharray: 4 3; }
  svg .line.series-6 { stroke: var(--series-6); stroke-dasharray: 1 3; }
  svg .line.series-7 { stroke: var(--series-7); stroke-dasharray: 8 3 1 3 1 3; }
  svg .dot { stroke: var(--surface); stroke-width: 1.5; }
  svg .dot.past { stroke-width: 0; fill: var(--muted); }
  svg .value { font-size: 14px; font-weight: 650; }
  svg .value.past { fill: var(--muted); }
  svg .dot.series-0, svg .value.series-0 { fill: var(--series-0); }
  svg .dot.series-1, svg .value.series-1 { fill: var(--series-1); }
  svg .dot.series-2, svg .value.series-2 { fill: var(--series-2); }
  svg .dot.series-3, svg .value.series-3 { fill: var(--series-3); }
  svg .dot.series-4, svg .value.series-4 { fill: var(--series-4); }
  svg .dot.series-5, svg .value.series-5 { fill: var(--series-5); }
  svg .dot.series-6, svg .value.series-6 { fill: var(--series-6); }
  svg .dot.series-7, svg .value.series-7 { fill: var(--series-7); }
  svg .bar { fill: var(--heat); }
  svg .row { fill: var(--cell); }
  svg .cell { fill: var(--heat); }
  svg .cell:hover, svg .bar:hover { stroke: var(--ink); stroke-width: 1.5; }
  svg .veil { fill: #000000; shape-rendering: crispEdges; }
  svg .source { font-weight: 600; }
  svg .output { fill: var(--muted); }
  svg .slot { fill: none; stroke: var(--series-2); stroke-width: 1.5; }
  svg .word { font-size: 16px; }
  svg .kind { font-size: 13px; font-weight: 600; fill: var(--series-2); }

  """

/// The style of the page around the pictures.
package let pageStyle = """
  * { box-sizing: border-box; }
  body {
    margin: 0; background: var(--page); color: var(--ink);
    font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    -webkit-text-size-adjust: 100%;
  }
  main { max-width: 1060px; margin: 0 auto; padding: 48px 24px 64px; }
  h1 { font-size: clamp(1.7rem, 5vw, 2.4rem); line-height: 1.15; margin: 0 0 12px;
    letter-spacing: -0.02em; text-wrap: balance; overflow-wrap: anywhere; }
  h2 { font-size: 1.25rem; margin: 0 0 12px; letter-spacing: -0.01em; }
  section { margin-top: 48px; }
  .introduction { font-size: 1.08rem; color: var(--muted); margin: 0; max-width: 68ch; }
  .explanation { color: var(--muted); margin: -10px 0 16px; }
  dl, dd, figure { margin: 0; }
  :focus-visible { outline: 3px solid var(--heat); outline-offset: 2px; }
  .figures { display: grid; gap: 12px; margin-top: 32px;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 155px), 1fr)); }
  .figures div, .charts figure, .maps figure, .scroll, .entries {
    background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
  .figures div { padding: 14px 16px; display: grid; grid-row: span 2;
    grid-template-rows: subgrid; row-gap: 0; }
  .figures dt { align-self: end; }
  .figures dt, .figures span, .introduction { overflow-wrap: anywhere; }
  .figures dt, .figures span { color: var(--muted); font-size: 0.85rem; line-height: 1.35; }
  .figures strong { display: block; font-size: 1.75rem; line-height: 1.25; font-weight: 650;
    letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
  .figures span { display: block; }
  .charts { display: grid; gap: 16px;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); }
  .charts figure { padding: 16px 14px 8px; max-width: 560px; width: 100%; }
  figcaption { font-weight: 600; padding: 0 0 8px; overflow-wrap: anywhere; }
  .chart { display: block; width: 100%; height: auto; }
  .maps { display: flex; flex-wrap: wrap; gap: 16px; }
  .maps::after { content: ""; flex: 1000 1 0; }
  .maps figure { padding: 14px 16px 16px; max-width: 100%; flex: 1 1 auto; }
  .pan { overflow-x: auto; }
  .pan svg { display: block; margin: 0 auto; }
  .pan:focus-visible, .scroll:focus-visible { border-radius: 8px; }
  .layers { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; position: relative; }
  .layers .layer { flex: 1 0 100%; color: var(--muted); font-size: 0.9rem; }
  .layers input { position: absolute; opacity: 0; pointer-events: none; }
  .layers label { border: 1px solid var(--button); border-radius: 8px; padding: 3px 10px;
    min-width: 34px; text-align: center; cursor: pointer; font-size: 0.9rem; }
  .layers input:checked + label { background: var(--heat); border-color: var(--heat);
    color: var(--surface); font-weight: 600; }
  .layers input:focus-visible + label { outline: 3px solid var(--heat); outline-offset: 2px; }
  .layers .choice { display: none; order: 1; flex: 1 0 100%; max-width: 100%; margin-top: 12px; }
  .layers input:checked + label + .choice { display: block; }
  .layers.seen { max-width: 320px; margin: 0 auto; }
  .tagged p { margin: 0; }
  .tagged .label { color: var(--series-0); padding-bottom: 10px; }
  .words, .inside { display: flex; flex-wrap: wrap; gap: 16px 10px; align-items: flex-start; }
  .word { display: inline-block; min-width: 34px; max-width: 100%; line-height: 1.4; overflow-wrap: anywhere; }
  .word bdi { display: block; }
  .track { display: block; height: 5px; border-radius: 2px; background: var(--cell); }
  .track .bar { display: block; height: 5px; border-radius: 2px; background: var(--heat); }
  .percent { color: var(--muted); font-size: 0.78rem; font-variant-numeric: tabular-nums; }
  .words .slot { max-width: 100%; box-sizing: border-box; border: 1.5px solid var(--series-2); border-radius: 8px; padding: 2px 8px 4px;
    margin: -4px 0; }
  .words .kind { color: var(--series-2); font-size: 0.82rem; font-weight: 600; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: start; padding: 8px 16px; vertical-align: baseline; }
  th, td { white-space: nowrap; }
  .long { min-width: 15rem; white-space: normal; }
  thead th { color: var(--muted); font-size: 0.85rem; font-weight: 500; }
  tbody tr { border-top: 1px solid var(--line); }
  tbody th { font-weight: 600; }
  td { font-variant-numeric: tabular-nums; word-spacing: 0.12em; }
  mark { background: var(--mark); color: var(--wrong); border-radius: 4px; padding: 1px 4px;
    margin: 0 -1px; font-weight: 600; }
  .right { color: var(--right); white-space: nowrap; }
  .wrong { color: var(--wrong); white-space: nowrap; }
  .entries { padding: 0 16px; overflow: hidden; display: grid; column-gap: 40px;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); }
  .entries div { display: flex; justify-content: space-between; gap: 20px; padding: 9px 0;
    border-top: 1px solid var(--line); margin-top: -1px; }
  .entries dt { color: var(--muted); }
  .entries dd { text-align: end; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
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
