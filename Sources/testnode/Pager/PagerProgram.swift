/// The pager's entry point: `testnode pager --config FILE`.
enum PagerProgram {
    private static let keys = ["listen", "data", "log", "service.*"]

    /// Serves until it is killed. Ends the process with 64 for a wrong command line or configuration, with 1 if it
    /// cannot open its data or listen.
    static func main(arguments: [String]) async {
        do {
            let path = try Configuration.path(from: arguments, program: "pager")
            let configuration = try Configuration(file: path, keys: keys)
            let (address, port) = try configuration.endpoint("listen")
            let services = try services(configuration)
            let folder = try configuration.required("data")
            var log = JSONLog.standardError
            if let path = configuration["log"] {
                guard let opened = JSONLog(path: path) else { throw StoreFiles.failure("open", path) }
                log = opened
            }
            try StoreFiles.makeFolder(folder)
            let journal = try PagerJournal(path: folder + "/journal.jsonl")
            let service = PagerService(services: services, journal: journal, log: log)
            let server = try HTTP.Server(address: address, port: port) { await service.answer($0) }
            JSONLog.standardError.write(
                .make(["event": .string("listening"), "program": .string("pager"), "port": .int(server.port)]))
            try await server.run()
        } catch let failure as ConfigurationFailure {
            Program.fail("\(failure)", status: 64)
        } catch {
            Program.fail("pager: \(error)", status: 1)
        }
    }

    /// `service.NAME = ROUTING-KEY`, names by key.
    static func services(_ configuration: Configuration) throws(ConfigurationFailure) -> [String: String] {
        var all: [String: String] = [:]
        for (name, key) in configuration.family("service") {
            guard key.utf8.count == 32, key.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
                throw configuration.bad("service.\(name)", "a routing key of 32 letters and digits")
            }
            guard all.updateValue(name, forKey: key) == nil else {
                throw configuration.bad("service.\(name)", "a routing key that no other service has")
            }
        }
        return all
    }
}
