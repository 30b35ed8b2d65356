import Consensus
import Foundation
import Glibc

/// The chain node's entry point: `harmony --config FILE`.
enum NodeProgram {
    static let usage = """
        usage: harmony --config FILE
               harmony keygen --seed TEXT --name NAME    (prints the test key's public half and its account)
               harmony version                           (or --version: what this program is)
               testnode history --config FILE --blocks N (gives a stopped node's database a past)
               testnode bucket --config FILE
               testnode pager --config FILE
        """

    /// What this program is, and the values of `protocol` that it can be configured with.
    static let versionText =
        "\(NodeIdentity.buildVersion); protocols: \(NodeConfiguration.protocols.map(\.name).joined(separator: ", "))"

    /// Runs the node with the arguments that follow `testnode` or `testnode node`; ends the process.
    static func main(arguments: [String]) async {
        if let dialect = DPoSProgram.dialect(arguments) {
            await DPoSProgram.main(arguments: arguments, dialect: dialect)
        }
        do throws(NodeFailure) {
            switch arguments {
            case ["version"], ["--version"]:
                print(versionText)
                exit(NodeExit.stopped.rawValue)
            case ["help"], ["--help"], ["-h"]:
                print(usage)
                exit(NodeExit.stopped.rawValue)
            default: break
            }
            if arguments.first == "keygen" {
                print(try publicHalf(Array(arguments.dropFirst())))
                exit(NodeExit.stopped.rawValue)
            }
            guard arguments.count == 2, arguments[0] == "--config" else {
                throw NodeFailure(exit: .usage, description: usage)
            }
            let code = try await run(configurationFile: arguments[1])
            exit(code.rawValue)
        } catch {
            end(error)
        }
    }

    /// What others may know of the test key that `seed` and `name` make.
    private static func publicHalf(_ arguments: [String]) throws(NodeFailure) -> String {
        guard arguments.count == 4, arguments[0] == "--seed", arguments[2] == "--name",
            let key = try? TestKeys.signingKey(seed: arguments[1], name: arguments[3])
        else { throw NodeFailure(exit: .usage, description: usage) }
        let publicKey = Array(key.publicKey.rawRepresentation)
        return "public_key \(publicKey.hex)\naccount \(TestKeys.account(of: publicKey).bech32)"
    }

    private static func end(_ failure: NodeFailure) -> Never {
        FileHandle.standardError.write(Data("harmony: \(failure)\n".utf8))
        exit(failure.exit.rawValue)
    }

    private static func run(configurationFile: String) async throws(NodeFailure) -> NodeExit {
        let stop = StopSignal.install()
        let setup = try NodeSetup(configurationFile: configurationFile)
        let methods = HarmonyMethods(
            genesis: setup.genesis, identity: setup.identity, store: setup.store, board: setup.board)
        let server: HTTP.Server
        do {
            server = try RPCServer(dispatcher: JSONRPCDispatcher { try methods.call($0, $1) })
                .listen(on: setup.configuration.rpcAddress)
        } catch {
            throw NodeFailure(exit: .unavailable, description: "\(error)")
        }
        setup.log.write(
            .info, "started",
            ["blockNum": .int(setup.head.block.number), "name": .string(setup.identity.name), "pid": .int(getpid())])
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
        return try await runLoop(setup, stop: stop).get()
    }

    /// Runs the event loop on a thread of its own, because it waits in poll(2).
    private static func runLoop(_ setup: NodeSetup, stop: Int32) async -> Result<NodeExit, NodeFailure> {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                do {
                    continuation.resume(returning: .success(try ChainNode(setup).run(stopDescriptor: stop)))
                } catch {
                    setup.log.write(.error, "the peer address cannot be used", ["error": .string("\(error)")])
                    let failure = NodeFailure(exit: .unavailable, description: "\(error)")
                    continuation.resume(returning: .failure(failure))
                }
            }
            thread.stackSize = 1 << 20
            thread.start()
        }
    }
}
