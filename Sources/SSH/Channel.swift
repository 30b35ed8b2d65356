import CLibssh2
import Glibc

/// What uses a channel. Called on the thread of the session's event loop, from within the session.
protocol ChannelUser: AnyObject {
    /// The constant to execute.
    var execString: String { get }
    /// Waits before ordinary commands (it kills one).
    var isUrgent: Bool { get }
    /// When `expire` is due.
    var deadline: Instant { get }
    /// False while output must wait for its reader.
    var wantsOutput: Bool { get }

    /// A channel is there and the exec request is on its way; the user may send from now on.
    func begin(_ channel: Channel, on session: isolated Session)
    /// Bytes arrived.
    func receive(_ bytes: UnsafeRawBufferPointer, _ stream: OutputStream, on session: isolated Session)
    /// The deadline is over.
    func expire(on session: isolated Session)
    /// No more bytes will come: the channel or the connection ended, or was never there.
    func end(_ end: ChannelEnd, on session: isolated Session)
}

/// The two streams of a command's output.
public enum OutputStream: Sendable, Hashable {
    /// Standard output.
    case stdout
    /// Standard error.
    case stderr
}

/// Why nothing more comes from a channel.
enum ChannelEnd {
    /// The server closed it. `signal` is what killed the process at its other end, if the server said so.
    case closed(signal: String?)
    /// The server refused to execute anything: nothing ran.
    case refused(SSHError)
    /// The connection is gone.
    case lost(SSHError)
}

/// One SSH channel and the bytes that still have to go out on it.
final class Channel {
    private enum State {
        case starting, open, closing
    }

    let handle: OpaquePointer
    let user: any ChannelUser
    private var state = State.starting
    private var outgoing: [Payload] = []
    private var offset = 0
    private var endsInput = false
    private var inputEnded = false
    private var reported = false
    /// Everything is over and the handle is freed.
    private(set) var isGone = false

    init(handle: OpaquePointer, user: any ChannelUser) {
        self.handle = handle
        self.user = user
    }

    /// The exec request has no answer yet.
    var isStarting: Bool { state == .starting }

    /// Queues bytes for the remote stdin.
    func send(_ payload: Payload) {
        if !payload.bytes.isEmpty { outgoing.append(payload) }
    }

    /// The remote stdin ends after what is queued.
    func endInput() { endsInput = true }

    /// Closes the channel; its user hears nothing more.
    func close() {
        state = .closing
        reported = true
    }

    /// Does what can be done now. True if anything moved.
    func advance(_ scratch: UnsafeMutableRawBufferPointer, on session: isolated Session) -> Bool {
        switch state {
        case .starting:
            let answered = start(on: session)
            return write(on: session) || answered
        case .open:
            let wrote = write(on: session)
            let read = pump(scratch, on: session)
            if libssh2_channel_eof(handle) == 1 && user.wantsOutput && !read && state == .open {
                state = .closing
                return true
            }
            return wrote || read
        case .closing:
            return finish(scratch, on: session)
        }
    }

    /// Sends the exec request at the first call; later calls look for the answer.
    private func start(on session: isolated Session) -> Bool {
        let text = user.execString
        let code = "exec".withCString { request in
            text.withCString {
                libssh2_channel_process_startup(handle, request, 4, $0, UInt32(text.utf8.count))
            }
        }
        if code == LIBSSH2_ERROR_EAGAIN { return false }
        if code == 0 {
            state = .open
        } else if !session.noteFailure(code) {
            state = .closing
            report(.refused(session.channelRefusal(code)), on: session)
        }
        return true
    }

    private func write(on session: isolated Session) -> Bool {
        var moved = false
        while let payload = outgoing.first, session.acceptsOutput, state != .closing {
            let count = payload.bytes.withUnsafeBufferPointer { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    libssh2_channel_write_ex(handle, 0, $0.baseAddress! + offset, $0.count - offset)
                }
            }
            guard count > 0 else {
                if count != 0 && count != Int(LIBSSH2_ERROR_EAGAIN) { discardInput(Int32(count), on: session) }
                return moved
            }
            moved = true
            offset += count
            if offset == payload.bytes.count {
                outgoing.removeFirst()
                offset = 0
            }
        }
        if outgoing.isEmpty && endsInput && !inputEnded && state != .closing {
            inputEnded = libssh2_channel_send_eof(handle) != LIBSSH2_ERROR_EAGAIN
            return moved || inputEnded
        }
        return moved
    }

    /// The other side does not read any more (it closed its end): its output still counts.
    private func discardInput(_ code: Int32, on session: isolated Session) {
        outgoing = []
        offset = 0
        inputEnded = true
        let harmless = [LIBSSH2_ERROR_CHANNEL_CLOSED, LIBSSH2_ERROR_CHANNEL_EOF_SENT]
        if !harmless.contains(code) { _ = session.noteFailure(code) }
    }

    /// Reads both streams until neither has anything.
    private func pump(_ scratch: UnsafeMutableRawBufferPointer, on session: isolated Session) -> Bool {
        var moved = false
        var again = true
        while again {
            again = false
            for (stream, id) in [(OutputStream.stdout, Int32(0)), (.stderr, Int32(SSH_EXTENDED_DATA_STDERR))] {
                guard user.wantsOutput && state == .open else { return moved }
                let count = libssh2_channel_read_ex(
                    handle, id, scratch.baseAddress?.assumingMemoryBound(to: CChar.self), scratch.count)
                if count > 0 {
                    again = true
                    moved = true
                    user.receive(UnsafeRawBufferPointer(rebasing: scratch[..<count]), stream, on: session)
                } else if count < 0 && count != Int(LIBSSH2_ERROR_EAGAIN) {
                    _ = session.noteFailure(Int32(count))
                    return moved
                }
            }
        }
        return moved
    }

    /// Closes, waits for the other side to do so (its place among the server's sessions is free only then), and frees
    /// the handle. Waiting is only allowed after the other side's EOF, which shows once nothing is left to read.
    private func finish(_ scratch: UnsafeMutableRawBufferPointer, on session: isolated Session) -> Bool {
        if libssh2_channel_close(handle) == LIBSSH2_ERROR_EAGAIN { return false }
        let buffer = scratch.baseAddress?.assumingMemoryBound(to: CChar.self)
        for id in [0, Int32(SSH_EXTENDED_DATA_STDERR)] {
            while libssh2_channel_read_ex(handle, id, buffer, scratch.count) > 0 {}
        }
        guard libssh2_channel_eof(handle) == 1, libssh2_channel_wait_closed(handle) != LIBSSH2_ERROR_EAGAIN else {
            return false
        }
        report(.closed(signal: exitSignal()), on: session)
        free()
        return true
    }

    /// The code that the server reported; 0 also when it reported none.
    var exitStatus: Int32 { libssh2_channel_get_exit_status(handle) }

    private func exitSignal() -> String? {
        var text: UnsafeMutablePointer<CChar>?
        var length = 0
        libssh2_channel_get_exit_signal(handle, &text, &length, nil, nil, nil, nil)
        guard let text else { return nil }
        defer { Glibc.free(text) }
        return String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
    }

    /// Frees the handle of a channel whose connection is gone, and tells its user.
    func abandon(_ error: SSHError, on session: isolated Session) {
        report(.lost(error), on: session)
        free()
    }

    private func report(_ end: ChannelEnd, on session: isolated Session) {
        guard !reported else { return }
        reported = true
        user.end(end, on: session)
    }

    private func free() {
        guard !isGone else { return }
        isGone = true
        for _ in 0..<SSHLimits.cleanupAttempts where libssh2_channel_free(handle) != LIBSSH2_ERROR_EAGAIN { return }
    }
}
