/// The style sheet of `report.html`: light and dark, and below 600 px a page without sideways scrolling.
enum HTMLStyle {
    static let text = """
        :root { color-scheme: light dark; --ink: #1c1f23; --paper: #fff; --soft: #5b636d; --rule: #d5d9de; --bandA: #e4edf7;
          --bandB: #f4eede; --good: #176b3a; --bad: #a8201a; --unsure: #7a5200; --link: #0b5cad; --l0: #0b5cad; --l1: #a8201a;
          --l2: #176b3a; --l3: #6b2fa0; --l4: #8a5a00; --l5: #0a6e6e; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --paper: #15181c; --soft: #a3abb5; --rule: #3a4048;
          --bandA: #22364c; --bandB: #40391f; --good: #6fd39a; --bad: #ff8f87; --unsure: #f0c060; --link: #7db8f5; --l0: #7db8f5;
          --l1: #ff8f87; --l2: #6fd39a; --l3: #c9a2f2; --l4: #f0c060; --l5: #6fd6d6; } }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 75rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
        main > p { max-width: 62rem; } a { color: var(--link); }
        h1 small { display: block; font-size: 1rem; font-weight: normal; color: var(--soft); }
        .verdict { font-size: 1.4rem; font-weight: bold; margin: 0; }
        .passed { color: var(--good); } .failed { color: var(--bad); } .inconclusive { color: var(--unsure); }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; max-width: 62rem; overflow-wrap: normal; }
        th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--rule); }
        thead th { color: var(--soft); font-weight: normal; }
        .figure { white-space: nowrap; font-variant-numeric: tabular-nums; }
        .facts { max-width: none; } .facts td:nth-child(5) { width: 25%; }
        .facts td:nth-child(6) { width: 45%; overflow-wrap: anywhere; font-size: .875rem; }
        summary { cursor: pointer; padding: .2rem 0; }
        pre { background: color-mix(in srgb, var(--ink) 7%, transparent); padding: .6rem; white-space: pre-wrap; }
        figure { margin: 0; } figcaption { color: var(--soft); font-size: .875rem; }
        svg { width: 100%; height: auto; font: 14px system-ui, sans-serif; } svg.narrow { display: none; max-width: 30rem; }
        svg text { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
        svg .name { stroke: none; } .band0 { fill: var(--bandA); } .band1 { fill: var(--bandB); }
        .line { fill: none; stroke-width: 2; } .line0 { stroke: var(--l0); } .line1 { stroke: var(--l1); }
        .line2 { stroke: var(--l2); } .line3 { stroke: var(--l3); } .line4 { stroke: var(--l4); } .line5 { stroke: var(--l5); }
        .axis, .tick { stroke: var(--soft); fill: none; } .mark { stroke: var(--soft); stroke-dasharray: 2 2; fill: none; }
        ol { list-style: none; padding: 0; } footer { margin-top: 2rem; color: var(--soft); font-size: .875rem; }
        @media (max-width: 800px) { svg.wide-chart { display: none; } svg.narrow { display: block; } }
        @media (max-width: 600px) {
          th, td { padding-right: .5rem; }
          .facts, .facts tbody { display: block; } .facts thead { display: none; }
          .facts tr { display: flex; flex-wrap: wrap; column-gap: .8rem; padding: .4rem 0; border-bottom: 1px solid var(--rule); }
          .facts th, .facts td { border: 0; padding: 0; }
          .facts td:nth-child(5), .facts td:nth-child(6) { width: 100%; }
          .facts td:nth-child(6) { color: var(--soft); }
        }
        """
}
