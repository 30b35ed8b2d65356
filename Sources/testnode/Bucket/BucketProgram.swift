/// The bucket's entry point: `testnode bucket --config FILE`.
enum BucketProgram {
    private static let keys = ["listen", "data", "host", "region", "access_log", "largest_object", "credential.*"]
    private static let gibibyte = 1 << 30

    /// Serves until it is killed. Ends the process with 64 for a wrong command line or configuration, with 1 if it
    /// cannot open its data or listen.
    static func main(arguments: [String]) async {
        do {
            let path = try Configuration.path(from: arguments, program: "bucket")
            let configuration = try Configuration(file: path, keys: keys)
            let (address, port) = try configuration.endpoint("listen")
            let service = try makeService(configuration)
            let server = try HTTP.Server(address: address, port: port) { await service.answer($0) }
            JSONLog.standardError.write(
                .make(["event": .string("listening"), "program": .string("bucket"), "port": .int(server.port)]))
            try await server.run()
        } catch let failure as ConfigurationFailure {
            Program.fail("\(failure)", status: 64)
        } catch {
            Program.fail("bucket: \(error)", status: 1)
        }
    }

    private static func makeService(_ configuration: Configuration) throws -> S3Service {
        let region = configuration["region"] ?? "us-east-1"
        let log: JSONLog
        if let path = configuration["access_log"] {
            guard let opened = JSONLog(path: path) else { throw StoreFiles.failure("open", path) }
            log = opened
        } else {
            log = .standardError
        }
        let settings = S3Service.Settings(
            host: try configuration.required("host"), region: region, owner: "testnet",
            largestObject: try configuration.integer("largest_object", in: 1...(1 << 40), default: 5 * gibibyte))
        return S3Service(
            settings: settings,
            authentication: S3Authentication(region: region, credentials: try credentials(configuration)),
            store: try BucketStore(folder: try configuration.required("data")), accessLog: log)
    }

    /// `credential.NAME = owner|other ACCESS-KEY SECRET-KEY`, by access key.
    static func credentials(_ configuration: Configuration) throws(ConfigurationFailure) -> [String: S3Credential] {
        var all: [String: S3Credential] = [:]
        for (name, value) in configuration.family("credential") {
            let words = value.split(separator: " ").map(String.init)
            guard words.count == 3, ["owner", "other"].contains(words[0]), !words[1].contains("/") else {
                throw configuration.bad(
                    "credential.\(name)", "'owner' or 'other', an access key and a secret key, separated by spaces")
            }
            guard all[words[1]] == nil else {
                throw configuration.bad("credential.\(name)", "an access key that no other credential has")
            }
            all[words[1]] = S3Credential(
                name: name, accessKey: words[1], secretKey: words[2], isOwner: words[0] == "owner")
        }
        return all
    }
}
