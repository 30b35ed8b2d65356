import Consensus
import Foundation
import Glibc

/// The entry point of a DPoS node: `steemd --config FILE`, `nodeos --config FILE --replay-blockchain`.
enum DPoSProgram {
    /// The dialect that the configuration file among the arguments names; nil for `harmony` or when there is none.
    static func dialect(_ arguments: [String]) -> (any Dialect.Type)? {
        guard let position = arguments.firstIndex(of: "--config"), position + 1 < arguments.count,
            let name = Configuration.peek("dialect", file: arguments[position + 1]), name != "harmony"
        else { return nil }
        // Loops, because key paths and closures over metatypes crash the compiler (6.3.1).
        var names = ""
        for known in Dialects.all {
            if known.flavour.name == name { return known }
            names += ", " + known.flavour.name
        }
        Program.fail(
            "\(arguments[position + 1]): 'dialect' must be one of harmony\(names).", status: NodeExit.usage.rawValue)
    }

    /// Runs the node; ends the process.
    static func main(arguments: [String], dialect: any Dialect.Type) async -> Never {
        let flavour = dialect.flavour
        do throws(DPoSFailure) {
            try await run(arguments, dialect)
            exit(NodeExit.stopped.rawValue)
        } catch {
            let (code, text) = flavour.ending(error) ?? (error.exitCode, error.description)
            FileHandle.standardError.write(Data("\(flavour.program): \(text)\n".utf8))
            exit(code)
        }
    }

    /// What the arguments say.
    private struct Arguments {
        var configuration = ""
        var genesis: String?
        var dataDirectory: String?
        var mode = StartMode.normal

        init(_ words: [String], _ flavour: Flavour) throws(DPoSFailure) {
            var rest = words[...]
            while let word = rest.popFirst() {
                if let start = flavour.starts[word] {
                    mode = start
                } else if word == "--config", let file = rest.popFirst() {
                    configuration = file
                } else if word == "--data-dir", let folder = rest.popFirst() {
                    dataDirectory = folder
                } else if word == flavour.genesisArgument, let file = rest.popFirst() {
                    genesis = file
                } else {
                    let starts = flavour.starts.keys.sorted().map { "[\($0)]" }.joined(separator: " ")
                    let genesis = flavour.genesisArgument.map { " [\($0) FILE]" } ?? ""
                    throw .usage("usage: \(flavour.program) --config FILE [--data-dir DIR]\(genesis) \(starts)")
                }
            }
        }
    }

    private static func run(_ words: [String], _ dialect: any Dialect.Type) async throws(DPoSFailure) {
        let stop = StopSignal.install()
        let arguments = try Arguments(words, dialect.flavour)
        let setup = try DPoSSetup(
            configurationFile: arguments.configuration, genesisFile: arguments.genesis,
            dataDirectory: arguments.dataDirectory, mode: arguments.mode, flavour: dialect.flavour,
            stopDescriptor: stop)
        let rpc = dialect.init(chain: setup.access)
        let server: HTTP.Server
        do {
            let address = setup.settings.rpcAddress
            server = try HTTP.Server(address: address.host, port: address.port) { await rpc.answer($0) }
        } catch {
            setup.store.close()
            throw .unavailable("\(error)")
        }
        setup.log.write(
            .info, "started",
            [
                "blockNum": .int(setup.engine.head.number), "name": .string(setup.settings.name), "pid": .int(getpid()),
            ])
        let serving = Task {
            do {
                try await server.run()
            } catch  where Task.isCancelled {
                // What a stop in order ends with, whatever the server calls it.
            } catch {
                setup.log.write(.error, "RPC ended", ["error": .string("\(error)")])
            }
        }
        defer { serving.cancel() }
        try await runLoop(setup, stop: stop).get()
    }

    /// Runs the event loop on a thread of its own, because it waits in poll(2).
    private static func runLoop(_ setup: DPoSSetup, stop: Int32) async -> Result<Void, DPoSFailure> {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                do throws(DPoSFailure) {
                    try DPoSNode(setup).run(stopDescriptor: stop)
                    continuation.resume(returning: .success(()))
                } catch {
                    setup.log.write(.error, "the node ends", ["error": .string("\(error)")])
                    continuation.resume(returning: .failure(error))
                }
            }
            thread.stackSize = 1 << 20
            thread.start()
        }
    }
}
