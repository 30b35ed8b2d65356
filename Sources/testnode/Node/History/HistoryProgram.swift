import Foundation
import Glibc

/// `testnode history --config FILE --blocks N`: gives the database of a node that does not run a past of N blocks.
enum HistoryProgram {
    /// Most blocks made by one call; a million would take minutes.
    static let maximumBlocks = 1_000_000
    private static let usage = "usage: testnode history --config FILE --blocks N    (N from 1 to \(maximumBlocks))"

    /// Runs with the arguments that follow `testnode history`; ends the process.
    static func main(arguments: [String]) {
        guard arguments.count == 4, arguments[0] == "--config", arguments[2] == "--blocks",
            let count = Int(arguments[3]), (1...maximumBlocks).contains(count)
        else { end(NodeFailure(exit: .usage, description: usage)) }
        do throws(NodeFailure) {
            let setup = try NodeSetup(configurationFile: arguments[1])
            let last = try extend(setup, by: count)
            print("block \(last) of shard \(setup.configuration.shard) in \(setup.store.path)")
            exit(NodeExit.stopped.rawValue)
        } catch {
            end(error)
        }
    }

    private static func extend(_ setup: NodeSetup, by count: Int) throws(NodeFailure) -> UInt64 {
        do {
            var history = try ChainHistory(setup)
            let last = try history.extend(by: count)
            setup.store.close()
            return last
        } catch {
            throw NodeFailure(exit: .database, description: "\(error)")
        }
    }

    private static func end(_ failure: NodeFailure) -> Never {
        FileHandle.standardError.write(Data("testnode history: \(failure)\n".utf8))
        exit(failure.exit.rawValue)
    }
}
