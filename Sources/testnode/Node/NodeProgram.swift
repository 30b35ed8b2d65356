import Consensus
import Foundation
import Glibc

/// The chain node's entry point: `harmony --config FILE`.
enum NodeProgram {
    static let usage = "usage: harmony --config FILE"

    /// Runs the node with the arguments that follow `testnode` or `testnode node`; ends the process.
    static func main(arguments: [String]) async {
        guard arguments.count == 2, arguments[0] == "--config" else {
            end(NodeFailure(exit: .usage, description: usage))
        }
        do throws(NodeFailure) {
            let code = try await run(configurationFile: arguments[1])
            exit(code.rawValue)
        } catch {
            end(error)
        }
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
            } catch is CancellationError {
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
