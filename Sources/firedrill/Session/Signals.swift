// Sources are used only to be cancelled, which is safe from any thread; Dispatch has not marked them so.
@preconcurrency import Dispatch
import Glibc

/// SIGINT and SIGTERM as a stream: what they mean is decided by whoever iterates.
enum Signals {
    /// Delivers each of `numbers` as it arrives, for as long as the stream lives; the default action is off meanwhile.
    static func stream(_ numbers: [Int32]) -> AsyncStream<Int32> {
        AsyncStream { continuation in
            let queue = DispatchQueue(label: "firedrill.signals")
            let sources = numbers.map { number in
                Glibc.signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler { continuation.yield(number) }
                source.resume()
                return source
            }
            continuation.onTermination = { _ in
                for (number, source) in zip(numbers, sources) {
                    source.cancel()
                    Glibc.signal(number, SIG_DFL)
                }
            }
        }
    }
}
