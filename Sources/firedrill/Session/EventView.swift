import Foundation
import Glibc
import Reporting
import Timeline

/// Shows a run while it goes on: a display redrawn in place at a terminal, plain lines elsewhere, nothing when quiet.
struct EventView: ~Copyable {
    private var state: LiveState
    private let mode: RunSession.DisplayMode
    private let style: TerminalStyle
    private var terminal: LiveTerminal?
    private(set) var hasReplayEnded = false

    init(criteria: Criteria, mode: RunSession.DisplayMode) {
        self.mode = mode
        state = LiveState(criteria)
        style = TerminalStyle.detect(descriptor: STDERR_FILENO, environment: ProcessInfo.processInfo.environment)
        if mode == .live { terminal = LiveTerminal(descriptor: STDERR_FILENO) }
    }

    mutating func show(_ events: [Event]) {
        for event in events {
            if case .runEnded = event.body { hasReplayEnded = true }
            let news = state.apply(event)
            if mode == .lines { for line in news { print(line) } }
        }
        if mode == .lines, !events.isEmpty { fflush(nil) }
        guard let height = terminal?.height else { return }
        let now = SystemClock().now()
        terminal?.draw(state.lines(now: now, style: style, height: height), now: now)
    }

    mutating func close() { terminal?.clear() }
}
