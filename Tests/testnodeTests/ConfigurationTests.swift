import Testing

@testable import testnode

@Suite("Configuration files")
struct ConfigurationTests {
    static func read(_ text: String) throws(ConfigurationFailure) -> Configuration {
        try Configuration(file: "f.conf", text: text, keys: ["listen", "data", "peer.*"])
    }

    @Test func readsKeysFamiliesAndComments() throws {
        let configuration = try Self.read("# note\n\nlisten = 127.0.4.2:80\r\n data=/x = y\npeer.b = 2\npeer.a = 1\n")
        #expect(configuration["data"] == "/x = y")
        #expect(try configuration.endpoint("listen") == ("127.0.4.2", 80))
        #expect(configuration.family("peer").map(\.name) == ["b", "a"])
    }

    @Test func namesFileLineAndRemedy() {
        #expect(throws: ConfigurationFailure.unknownKey(file: "f.conf", line: 2, key: "lisen", nearest: "listen")) {
            try Self.read("data = x\nlisen = y")
        }
        #expect(throws: ConfigurationFailure.duplicateKey(file: "f.conf", line: 3, key: "data", firstLine: 1)) {
            try Self.read("data = x\n\ndata = x")
        }
        #expect(throws: ConfigurationFailure.notAPair(file: "f.conf", line: 1)) { try Self.read("data") }
        #expect(throws: ConfigurationFailure.missingKey(file: "f.conf", key: "listen")) {
            try Self.read("").required("listen")
        }
        #expect(throws: ConfigurationFailure.unreadable(file: "/nowhere", reason: "No such file or directory")) {
            try Configuration(file: "/nowhere", keys: [])
        }
        let unknown = ConfigurationFailure.unknownKey(file: "f.conf", line: 2, key: "lisen", nearest: "listen")
        #expect("\(unknown)" == "f.conf:2: unknown key 'lisen'; did you mean 'listen'?")
    }

    @Test(arguments: ["localhost:80", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:80:80", "1.2.3:4", ":80"])
    func refusesWhatIsNoEndpoint(_ text: String) throws {
        let configuration = try Self.read("listen = \(text)")
        #expect(throws: ConfigurationFailure.self) { try configuration.endpoint("listen") }
    }

    @Test func aCredentialIsOfOneFormAndUnique() throws {
        func read(_ text: String) throws -> [String: S3Credential] {
            try BucketProgram.credentials(Configuration(file: "f", text: text, keys: ["credential.*"]))
        }
        #expect(try read("credential.ops = owner AK SK")["AK"]?.isOwner == true)
        #expect(throws: ConfigurationFailure.self) { try read("credential.ops = admin AK SK") }
        #expect(throws: ConfigurationFailure.self) { try read("credential.ops = owner AK") }
        #expect(throws: ConfigurationFailure.self) { try read("credential.a = owner AK 1\ncredential.b = owner AK 2") }
    }
}
