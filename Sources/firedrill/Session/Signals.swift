// Sources are used only to be cancelled, which is safe from any thread; Dispatch has not marked them so.
@preconcurrency import Dispatch
import Glibc

/// SIGINT and SIGTERM as a stream: what they mean is decided by whoever iterates.
enum Signals {
    /// What asks for an end. SIGHUP, which a closed terminal sends, only when the caller does not ignore it (nohup).
    static var stopping: [Int32] {
        var hangUp = sigaction()
        sigaction(SIGHUP, nil, &hangUp)
        // Functions cannot be compared; this one is the number 1.
        let isIgnored = unsafeBitCast(hangUp.__sigaction_handler.sa_handler, to: Int.self) == 1
        return [SIGINT, SIGTERM] + (isIgnored ? [] : [SIGHUP])
    }

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
