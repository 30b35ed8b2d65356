import Foundation
import Testing
import Timeline

extension DrillTests {
    /// Nights: all outputs whatever happens, canaries, parts, and messages to people elsewhere.
    @Suite struct Nightly {
        /// Takes POSTs on a free port and keeps their bodies, one per line.
        private static let server = """
            import http.server, sys
            folder = sys.argv[1]
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                    with open(folder + "/posts", "ab") as file:
                        file.write(self.path.encode() + b" " + body + b"\\n")
                    self.send_response(200)
                    self.end_headers()
                def log_message(self, *arguments):
                    pass
            server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
            open(folder + "/port", "w").write(str(server.server_address[1]) + "\\n")
            server.serve_forever()
            """

        private func nights(_ root: TempRoot) throws -> [String] {
            let folder = "\(root.path)/.firedrill/nights"
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { "\(folder)/\($0)" }
        }

        private func text(_ path: String) -> String {
            FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }

        private func expectOutputs(_ root: TempRoot, _ night: String) {
            for path in ["junit.xml", "summary.md", "metrics.prom", "night.json"].map({ "\(night)/\($0)" }) {
                #expect(!text(path).isEmpty, "\(path)")
            }
            #expect(text("\(root.path)/.firedrill/index.html").contains("</html>"))
        }

        /// A canary that fails as it must, a scenario that passes, and one that cannot even be compiled.
        @Test func oneThatCrashesCostsTheOthersNothingAndIsToldElsewhere() async throws {
            try await TempRoot.with(.counters) { root in
                let broken = text("\(root.path)/chaos/scenarios/counter-held.yaml")
                    .replacing("scenario: counter-held", with: "scenario: crashing")
                    .replacing("testnet: two-counters", with: "testnet: no-such-testnet")
                try broken.write(
                    toFile: "\(root.path)/chaos/scenarios/crashing.yaml", atomically: true, encoding: .utf8)
                try "nightly: test\nbudget: 10m\ncanaries: [{scenario: counter-held, arm: fault-only}]\n"
                    .write(toFile: "\(root.path)/nightly.yaml", atomically: true, encoding: .utf8)
                let server = try Command(["python3", "-c", Self.server, root.base], folder: root.base)
                let port = try await eventually(within: .seconds(20)) {
                    text("\(root.base)/port").hasSuffix("\n") ? text("\(root.base)/port").dropLast() : nil
                }
                let address = "http://127.0.0.1:\(try #require(port))"
                try "\(address)/secret-path-of-the-webhook\n".write(
                    toFile: "\(root.base)/webhook", atomically: true, encoding: .utf8)
                let end = try await root.firedrill(
                    ["nightly", "--quiet", "--metrics", "\(root.base)/firedrill.prom"],
                    environment: [
                        "FIREDRILL_WEBHOOK_URL_FILE": "\(root.base)/webhook",
                        "FIREDRILL_PAGERDUTY_KEY": "secret-key-of-pagerduty",
                        "FIREDRILL_PAGERDUTY_URL": "\(address)/v2/enqueue",
                        "FIREDRILL_LINK": "https://ci.example.org/7",
                    ], within: .seconds(240))
                await server.send(SIGTERM)
                _ = try? await server.end(within: .seconds(5))
                try await root.expectNothingLeft()
                #expect(end.status == 3, "\(end.text)")
                let night = try #require(try nights(root).first)
                expectOutputs(root, night)
                let junit = text("\(night)/junit.xml")
                #expect(junit.contains("tests=\"3\" failures=\"0\" errors=\"1\""), "\(junit)")
                #expect(junit.contains("no-such-testnet"))
                #expect(root.runs.count == 2)
                #expect(try root.runs.map { try RunFiles(path: $0).verdict().verdict } == ["failed", "passed"])
                // Written once more at the end, so the moment in it is a later one.
                #expect(text("\(root.base)/firedrill.prom").contains("firedrill_night_exit_code 3.000\n"))
                let posts = text("\(root.base)/posts").split(separator: "\n")
                #expect(posts.count == 2, "\(posts)")
                #expect(posts.first?.hasPrefix("/secret-path-of-the-webhook {\"text\":\"Firedrill") == true)
                #expect(posts.last?.contains("\"event_action\":\"trigger\"") == true)
                #expect(posts.last?.contains("\"routing_key\":\"secret-key-of-pagerduty\"") == true)
                try expectNoSecrets(root, end)
            }
        }

        private func expectNoSecrets(_ root: TempRoot, _ end: Command.End) throws {
            #expect(!end.text.contains("secret-"))
            for file in try FileManager.default.subpathsOfDirectory(atPath: root.path) {
                #expect(!text("\(root.path)/\(file)").contains("secret-"), "\(file)")
            }
        }

        /// What finds no room is said, in parts and joined; nothing is played, so this takes no time.
        @Test func aNightWithoutTimeIsInconclusiveAndItsPartsAreJoined() async throws {
            try await TempRoot.with(.counters) { root in
                for part in ["1/2", "2/2"] {
                    let end = try await root.firedrill(["nightly", "--quiet", "--budget", "1s", "--shard", part])
                    // There is one scenario, so the second part has nothing to play.
                    #expect(end.status == (part == "1/2" ? 2 : 64), "\(end.text)")
                }
                let night = try #require(try nights(root).first)
                expectOutputs(root, night)
                #expect(text("\(night)/junit.xml").contains("had no room for it"))
                let joined = try await root.firedrill(["merge", root.path])
                #expect(joined.status == 2, "\(joined.text)")
                let nothing = try await root.firedrill(["merge", root.base])
                #expect(nothing.status == 64 && nothing.errors.contains("no .firedrill folder"), "\(nothing.text)")
                let wrong = try await root.firedrill(["nightly", "--shard", "3/2"])
                #expect(wrong.status == 64 && wrong.errors.contains("'3/2'"), "\(wrong.text)")
            }
        }
    }
}
