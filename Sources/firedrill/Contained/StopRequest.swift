/// That somebody asked for an orderly end: set once, seen by everybody who waits.
actor StopRequest {
    private(set) var isMade = false
    private var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    private var next = 0

    func make() {
        isMade = true
        for continuation in waiting.values { continuation.resume() }
        waiting = [:]
    }

    /// Returns when the request was made, or the task is cancelled.
    func wait() async {
        let number = next
        next += 1
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if isMade || Task.isCancelled { continuation.resume() } else { waiting[number] = continuation }
            }
        } onCancel: {
            Task { await self.release(number) }
        }
    }

    private func release(_ number: Int) { waiting.removeValue(forKey: number)?.resume() }
}
