import Testing
import Timeline

@testable import Definitions

/// Small texts inside files: templates, patterns and expressions. Seeded; no input may crash or hang.
@Suite(.serialized) struct TextFuzzTests {
    private static let templatePieces = [
        "{{", "}}", "{{{", "}}}", "{{#hosts}}", "{{/hosts}}", "{{^hosts}}", "{{name}}", "{{.}}", "{{host.name}}", "{{#",
        "{{/", "{{!", "{{&",
        "{{>x}}", "{{<x}}", "{{$x}}", "{{=<% %>=}}", "{{% CONTENT_TYPE: HTML}}", "\n", " ", "a", "é",
        "{{upper(host.name)}}", "{{#host.vars}}",
        "{{#first()}}", "(", ")", "{{settings.}}", "{{..}}", "{{host.groups}}", "{{#host.groups}}{{.}}{{/host.groups}}",
        "{{#sorted(hosts)}}",
    ]
    private static let patternPieces = [
        "(", ")", "[", "]", "{", "}", "*", "+", "?", "|", "^", "$", ".", "\\", "(?<", "(?:", "(?=", "(?i)", "\\p{",
        "\\u{", "\\x", "\\1", "\\k<",
        "a-z", "[[:", ":]]", "{1,", "{9999}", "&&", "--", "~~", "(?#", "\\Q", "\\E", "é", "\u{301}", " ", "0", "\\b",
        "(*", "\\N{", "\\c",
    ]
    private static let expressionPieces = [
        ".", "a", "==", "~", "/", "\"", "\\", "$baseline", "$", " ", "[", "0", "]", "exit", "stdout", "json", "every",
        "for", "hold", "1s", ",",
        "rolling", "parallel", "max-fail", "&", "|", "!", "(", ")", "-", "é", "99999999999999999999", "..", "true",
        "null", "none",
    ]

    private func text(_ pieces: [String], _ generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...12, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
            .joined()
    }

    @Test(.timeLimit(.minutes(2))) func templates() {
        var generator = SeededGenerator(seed: 1)
        let host = TemplateContext.HostValues(name: "h", address: "127.0.0.2", groups: ["g", "k"], vars: ["a": "b"])
        let context = TemplateContext(
            testnet: "t", network: "n", scaled: [:], settings: ["s": "v"], generated: [:], host: host,
            hosts: [host, host],
            knownVars: ["a"])
        var rendered = 0
        for _ in 0..<5_000 {
            let template = text(Self.templatePieces, &generator)
            if (try? TemplateRenderer.render(template, context: context)) != nil { rendered += 1 }
        }
        #expect(rendered > 100 && rendered < 4_900, "\(rendered) of 5000 were rendered: the pieces miss")
    }

    @Test(.timeLimit(.minutes(2))) func patterns() {
        var generator = SeededGenerator(seed: 2)
        var compiled = 0
        for _ in 0..<2_000 {
            let pattern = text(Self.patternPieces, &generator)
            if (try? Pattern.compile(pattern)) != nil { compiled += 1 }
            // It reads what the compiler refused as well, and must come to an end.
            _ = PatternAmbiguity.isExponential(pattern)
        }
        #expect(compiled > 20, "only \(compiled) of 2000 were compiled: the pieces miss")
    }

    @Test(.timeLimit(.minutes(2))) func expressions() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let expression = text(Self.expressionPieces, &generator)
            _ = try? HostExpression(parsing: expression)
            _ = try? ComparisonParser.parse(expression)
            _ = try? StepLine.expectation(expression)
            _ = try? StepLine.until(expression)
            _ = try? StepLine.strategy(expression)
            _ = try? NumberRange.parse(expression)
            _ = DurationText(expression)
            _ = RunbookStepReader.slug(expression)
        }
    }

    /// What a template says of a name that is not there, and of one that only some hosts have.
    @Test func missingNamesInTemplates() throws {
        let one = TemplateContext.HostValues(name: "one", address: "127.0.0.2", groups: ["g"], vars: ["a": "x"])
        let two = TemplateContext.HostValues(name: "two", address: "127.0.0.3", groups: [], vars: [:])
        let context = TemplateContext(
            testnet: "t", network: "n", scaled: [:], settings: [:], generated: [:], host: two, hosts: [one, two],
            knownVars: ["a"])
        #expect(
            try TemplateRenderer.render("{{#hosts}}{{name}}={{vars.a}}{{network}} {{/hosts}}", context: context)
                == "one=xn two=n ")
        #expect(try TemplateRenderer.render("{{^host.vars.a}}none{{/host.vars.a}}", context: context) == "none")
        for template in [
            "{{host.vars.b}}", "{{hsot.name}}", "{{#hosts}}{{nmae}}{{/hosts}}", "{{groups.h}}",
            "{{#settings.x}}{{/settings.x}}",
        ] {
            #expect(throws: ExpressionError.self, "\(template)") {
                try TemplateRenderer.render(template, context: context)
            }
        }
    }
}
