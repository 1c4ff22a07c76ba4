namespace Crpbot.Reports;

/// <summary>The one style sheet of every page: colours by meaning, both colour schemes.</summary>
internal static class PageStyle
{
    public const string Text = """
        :root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6b7c; --paper: #fbfcfd; --card: #ffffff; --rule: #dfe5ec; --faint: #eff2f6;
          --good: #0f8a5f; --warning: #b06f00; --bad: #c92a2a;
          --c0: #2563eb; --c1: #d9480f; --c2: #0f8a5f; --c3: #9c36b5; --c4: #b88608; --c5: #0b8ba5; --c6: #c2255c; --c7: #5c7c0f; --c8: #6b5bd6; --c9: #7a5a43; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e8edf3; --soft: #93a1b3; --paper: #11151b; --card: #181e27; --rule: #2c3644; --faint: #202833;
            --good: #4cd4a0; --warning: #f0c64a; --bad: #ff7b7b;
            --c0: #6ea8fe; --c1: #ff9254; --c2: #4cd4a0; --c3: #d58cf0; --c4: #f0c64a; --c5: #4fd0e8; --c6: #ff7fae; --c7: #b3d64f; --c8: #a99cff; --c9: #cfa98c; }
        }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
        main { max-width: 1020px; margin: 0 auto; padding: 32px 24px 48px; }
        h1 { margin: 0; font-size: 25px; font-weight: 650; letter-spacing: -.01em; }
        h2 { margin: 32px 0 10px; font-size: 18px; font-weight: 620; }
        p { margin: 6px 0 12px; max-width: 80ch; }
        .machine { margin: 4px 0 20px; color: var(--soft); }
        .caption { margin: 8px 8px 0; color: var(--soft); font-size: 13.5px; }
        .good { color: var(--good); } .warning { color: var(--warning); } .bad { color: var(--bad); }
        .figures { display: flex; flex-wrap: wrap; gap: 12px; margin: 0 0 24px; }
        .figures div { flex: 1 1 104px; padding: 12px 14px; background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
        .figures b { display: block; font-size: 21px; font-weight: 620; font-variant-numeric: tabular-nums; }
        .figures span { color: var(--soft); font-size: 13px; }
        figure { margin: 0 0 24px; padding: 16px 16px 12px; background: var(--card); border: 1px solid var(--rule); border-radius: 10px; overflow-x: auto; }
        svg { display: block; width: 100%; height: auto; }
        .grid { stroke: var(--rule); } .minor { stroke: var(--faint); } .zero { stroke: var(--soft); }
        .tick, .axis { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
        .curve { fill: none; stroke-width: 2; stroke-linejoin: round; } .curve:hover { stroke-width: 4; }
        .band { opacity: .18; stroke: none; } .whisker { stroke: var(--ink); stroke-width: 1.2; opacity: .65; }
        figcaption { display: flex; flex-wrap: wrap; gap: 6px 20px; padding: 8px 8px 0; color: var(--soft); font-size: 13.5px; }
        figcaption i { display: inline-block; width: 18px; height: 3px; border-radius: 2px; margin-right: 7px; vertical-align: 4px; }
        .curve.c0 { stroke: var(--c0); } .curve.c1 { stroke: var(--c1); } .curve.c2 { stroke: var(--c2); } .curve.c3 { stroke: var(--c3); } .curve.c4 { stroke: var(--c4); }
        .curve.c5 { stroke: var(--c5); } .curve.c6 { stroke: var(--c6); } .curve.c7 { stroke: var(--c7); } .curve.c8 { stroke: var(--c8); } .curve.c9 { stroke: var(--c9); }
        .fill.c0 { fill: var(--c0); } .fill.c1 { fill: var(--c1); } .fill.c2 { fill: var(--c2); } .fill.c3 { fill: var(--c3); } .fill.c4 { fill: var(--c4); }
        .fill.c5 { fill: var(--c5); } .fill.c6 { fill: var(--c6); } .fill.c7 { fill: var(--c7); } .fill.c8 { fill: var(--c8); } .fill.c9 { fill: var(--c9); }
        .fill.good { fill: var(--good); } .fill.warning { fill: var(--warning); } .fill.bad { fill: var(--bad); } .fill.none { fill: var(--faint); }
        i.c0 { background: var(--c0); } i.c1 { background: var(--c1); } i.c2 { background: var(--c2); } i.c3 { background: var(--c3); } i.c4 { background: var(--c4); }
        i.c5 { background: var(--c5); } i.c6 { background: var(--c6); } i.c7 { background: var(--c7); } i.c8 { background: var(--c8); } i.c9 { background: var(--c9); }
        .wide { overflow-x: auto; }
        table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: 7px 10px; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
        th { color: var(--soft); font-weight: 550; font-size: 13px; } th:first-child, td:first-child { text-align: left; }
        td:first-child { font-weight: 550; } td.text { text-align: left; white-space: normal; min-width: 320px; }
        ul { margin: 20px 0 0; padding: 0; list-style: none; color: var(--soft); font-size: 13.5px; }

        """;
}
