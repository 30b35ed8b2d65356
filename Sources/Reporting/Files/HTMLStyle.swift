/// The style sheet of all pages: light and dark, and below 600 px a page without sideways scrolling.
enum HTMLStyle {
    /// Colours by name, light and dark. Text colours keep a contrast of at least 4.5 to the paper and the bands, lines of 3;
    /// a test computes it.
    static let colours: [(name: String, light: String, dark: String)] = [
        ("ink", "#1c1f23", "#e8eaed"), ("paper", "#ffffff", "#15181c"), ("soft", "#5b636d", "#a3abb5"),
        ("rule", "#d5d9de", "#3a4048"), ("bandA", "#e4edf7", "#22364c"), ("bandB", "#f4eede", "#40391f"),
        ("shadeA", "#f6f9fd", "#191f27"), ("shadeB", "#fdfbf5", "#1f1e19"), ("good", "#176b3a", "#6fd39a"),
        ("bad", "#a8201a", "#ff8f87"), ("unsure", "#7a5200", "#f0c060"), ("link", "#0b5cad", "#7db8f5"),
        ("l0", "#0b5cad", "#7db8f5"), ("l1", "#a8201a", "#ff8f87"), ("l2", "#176b3a", "#6fd39a"),
        ("l3", "#6b2fa0", "#c9a2f2"), ("l4", "#8a5a00", "#f0c060"), ("l5", "#0a6e6e", "#6fd6d6"),
    ]

    private static func variables(_ value: ((name: String, light: String, dark: String)) -> String) -> String {
        colours.map { "--\($0.name): \(value($0));" }.joined(separator: " ")
    }

    static let text = """
        :root { color-scheme: light dark; \(variables(\.light)) }
        @media (prefers-color-scheme: dark) { :root { \(variables(\.dark)) } }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 75rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
        main > p { max-width: 62rem; } a { color: var(--link); }
        h1 small { display: block; font-size: 1rem; font-weight: normal; color: var(--soft); }
        .verdict { font-size: 1.4rem; font-weight: bold; margin: 0; }
        .passed { color: var(--good); } .failed { color: var(--bad); } .inconclusive { color: var(--unsure); }
        .none, .legend { color: var(--soft); } .legend { font-size: .875rem; }
        .wide { overflow-x: auto; } .wide:focus-visible { outline: 2px solid var(--link); }
        table { border-collapse: collapse; width: 100%; max-width: 62rem; overflow-wrap: normal; }
        th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--rule); }
        thead th { color: var(--soft); font-weight: normal; } tbody th { font-weight: 600; }
        .figure { white-space: nowrap; font-variant-numeric: tabular-nums; }
        .facts { max-width: none; } .facts td:nth-child(5) { width: 25%; }
        .facts td:nth-child(6) { width: 45%; overflow-wrap: anywhere; font-size: .875rem; }
        .matrix { width: auto; max-width: none; } .matrix td { text-align: center; padding: .2rem .35rem; white-space: nowrap; }
        .matrix tbody th { white-space: nowrap; position: sticky; left: 0; background: var(--paper); }
        .matrix thead th:not(:first-child) { font-size: .75rem; text-align: center; padding: 0 .3rem; min-width: 2.6rem; }
        .matrix a { display: block; padding: .15rem .3rem; font-weight: bold; text-decoration: none; border: 1px solid; border-radius: 3px; }
        summary { cursor: pointer; padding: .2rem 0; }
        pre { background: color-mix(in srgb, var(--ink) 7%, transparent); padding: .6rem; white-space: pre-wrap; }
        figure { margin: 0; } figcaption { color: var(--soft); font-size: .875rem; }
        .strip { max-width: 62rem; margin: .8rem 0; } .strip figcaption { color: var(--ink); font-size: 1rem; }
        svg { width: 100%; height: auto; font: 14px system-ui, sans-serif; } svg.narrow { display: none; max-width: 30rem; }
        .strip svg { max-width: 46rem; }
        svg text { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
        svg .name, svg .inbar { stroke: none; } svg .title { fill: var(--soft); font-size: 13px; }
        .band0 { fill: var(--bandA); } .band1 { fill: var(--bandB); } .shade0 { fill: var(--shadeA); } .shade1 { fill: var(--shadeB); }
        .line { fill: none; stroke-width: 2; } .line0 { stroke: var(--l0); } .line1 { stroke: var(--l1); }
        .line2 { stroke: var(--l2); } .line3 { stroke: var(--l3); } .line4 { stroke: var(--l4); } .line5 { stroke: var(--l5); }
        .axis, .tick { stroke: var(--soft); fill: none; } .mark { stroke: var(--soft); stroke-dasharray: 2 2; fill: none; }
        .budget { stroke: var(--unsure); stroke-width: 2; stroke-dasharray: 8 4; fill: none; }
        .fault, .never { fill: var(--bad); } .page { fill: var(--unsure); } .step, .point { fill: var(--link); }
        .late { fill: var(--paper); stroke: var(--bad); stroke-width: 2; }
        .bar { fill: var(--bandA); stroke: var(--link); } .bar.act { stroke-width: 2.5; }
        .bar.bad { fill: var(--paper); stroke: var(--bad); stroke-dasharray: 4 2; stroke-width: 2; }
        ol { list-style: none; padding: 0; } footer { margin-top: 2rem; color: var(--soft); font-size: .875rem; }
        @media (max-width: 800px) { svg.wide-chart { display: none; } svg.narrow { display: block; } }
        @media (max-width: 600px) {
          th, td { padding-right: .5rem; }
          .facts, .facts tbody { display: block; } .facts thead { display: none; }
          .facts tr { display: flex; flex-wrap: wrap; column-gap: .8rem; padding: .4rem 0; border-bottom: 1px solid var(--rule); }
          .facts th, .facts td { border: 0; padding: 0; }
          .facts td:nth-child(5), .facts td:nth-child(6) { width: 100%; }
          .facts td:nth-child(6) { color: var(--soft); }
          .matrix tbody th { white-space: normal; min-width: 9rem; font-size: .8rem; }
          .strip svg { font-size: 22px; }
        }
        """
}
