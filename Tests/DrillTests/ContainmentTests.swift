import Foundation
import Glibc
import Testing

extension DrillTests {
    /// What can be reached, seen and done from inside a host, by whoever has a shell there.
    @Suite struct Containment {
        /// A testnet kept running, reached as a person does: plain `ssh -F FILE HOST`.
        struct Kept {
            let root: TempRoot
            var config: String { get throws { "\(try root.onlyRun().path)/ssh_config" } }

            func ssh(_ host: String, _ script: String) async throws -> Command.End {
                try await Command(["ssh", "-F", config, "-o", "BatchMode=yes", host, script], folder: root.base).end(
                    within: .seconds(40))
            }
        }

        private func withKept(_ body: (Kept) async throws -> Void) async throws {
            try await TempRoot.with(.counters) { root in
                let up = try await root.firedrill(["up", "two-counters"])
                try #require(up.status == 0, "\(up.text)")
                do {
                    try await body(Kept(root: root))
                } catch {
                    _ = try? await root.firedrill(["down"])
                    throw error
                }
                let down = try await root.firedrill(["down", "two-counters"])
                #expect(down.status == 0, "\(down.text)")
                try await root.expectNothingLeft()
            }
        }

        @Test func peopleReachAKeptNetworkWithPlainSSH() async throws {
            try await withKept { kept in
                let root = kept.root
                let name = try await kept.ssh("red-1", "hostname; id -un")
                #expect(name.status == 0 && name.output == "red-1\nop\n", "\(name.text)")
                let code = try await kept.ssh("blue-1", "exit 7")
                #expect(code.status == 7, "\(code.text)")

                let file = "\(root.base)/sent"
                try Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }).write(
                    to: URL(fileURLWithPath: file))
                for (from, to) in [(file, "red-1:/tmp/there"), ("red-1:/tmp/there", "\(root.base)/back")] {
                    let copy = try await Command(["scp", "-q", "-F", kept.config, from, to], folder: root.base).end(
                        within: .seconds(20))
                    #expect(copy.status == 0, "\(copy.text)")
                }
                #expect(FileManager.default.contentsEqual(atPath: file, andPath: "\(root.base)/back"))

                let status = try await root.firedrill(["status"])
                #expect(
                    status.status == 0 && status.output.contains("two-counters") && status.output.contains("up since"),
                    "\(status.text)")
                let again = try await root.firedrill(["up", "two-counters"])
                #expect(again.status == 64 && again.errors.contains("up already"), "\(again.text)")
                #expect(Residue.processes(of: root.path).count > 6, "the control of 'nothing is left'")
            }
        }

        @Test func downSaysWhatIsNotUp() async throws {
            try await TempRoot.with(.counters) { root in
                let status = try await root.firedrill(["status"])
                #expect(status.status == 0 && status.output == "nothing is up\n", "\(status.text)")
                let down = try await root.firedrill(["down", "two-counters"])
                #expect(down.status == 64, "\(down.text)")
                let up = try await root.firedrill(["up", "two-countrs"])
                #expect(up.status == 64 && up.errors.contains("two-counters"), "\(up.text)")
            }
        }

        /// Each line of the script's output names something that should have been impossible.
        private static let attempts = """
            reach() {
                if curl -s -m 3 -o /dev/null "$1" 2>/dev/null; then echo "reached $1"; fi
                tries=$((tries + 1))
            }
            tries=0
            for address in 1.1.1.1 10.0.0.1 192.168.0.1 172.17.0.1 169.254.169.254 "[2606:4700:4700::1111]" "127.0.0.1:$PORT" "localhost:$PORT"; do
                reach "http://$address/"
            done
            for address in $OUTSIDE; do reach "http://$address:$PORT/"; done
            if echo x | socat -T1 - "ABSTRACT-CONNECT:$ABSTRACT" 2>/dev/null | grep .; then echo "reached an abstract socket"; fi
            grep -F "$ABSTRACT" /proc/net/unix
            if echo x | socat -T1 - UDP:1.1.1.1:53 2>/dev/null; then echo "sent UDP"; fi
            ls /sys/class/net 2>/dev/null
            grep -v -e Inter -e face -e ' lo:' /proc/net/dev
            [ "$(wc -l </proc/net/route)" -le 1 ] || cat /proc/net/route

            files=0
            for file in $(find /proc/sys /proc/sysrq-trigger /proc/irq /proc/acpi /proc/bus -type f 2>/dev/null); do
                files=$((files + 1))
                # Opened for writing, and nothing written.
                if (: >>"$file") 2>/dev/null; then echo "can write $file"; fi
            done

            for set in CapInh CapPrm CapEff CapAmb; do
                grep -q "^$set:[[:space:]]*0000000000000000$" /proc/self/status || grep "^$set" /proc/self/status
            done
            grep -q '^NoNewPrivs:[[:space:]]*1$' /proc/self/status || grep NoNewPrivs /proc/self/status
            if unshare --user true 2>/dev/null; then echo "made a user namespace"; fi
            if unshare --net true 2>/dev/null; then echo "made a network namespace"; fi
            if mount -t tmpfs none /tmp 2>/dev/null; then echo "mounted"; fi
            if bwrap --ro-bind / / true 2>/dev/null; then echo "made a sandbox"; fi
            if nft list ruleset >/dev/null 2>&1; then echo "may see the packet filter"; fi

            for device in /dev/mem /dev/kmem /dev/port /dev/kmsg /dev/kvm /dev/fuse /dev/net /dev/mapper /dev/disk /dev/vd* /dev/sd* /dev/nvme* /dev/loop*; do
                [ ! -e "$device" ] || echo "sees $device"
            done
            if mknod /tmp/disk b 8 0 2>/dev/null; then echo "made a device"; fi
            [ "$(wc -l </proc/sysvipc/shm)" -le 1 ] || cat /proc/sysvipc/shm
            # Whoever may read the memory of a process may trace it: none but those of the host itself.
            for process in /proc/[0-9]*; do
                [ "$(readlink "$process/ns/pid")" = "$(readlink /proc/self/ns/pid)" ] || [ ! -r "$process/mem" ] || echo "may trace $process"
            done

            for folder in /root /mnt /boot /media "$ROOT" "$PACKAGE" "$HOME_OUTSIDE"; do
                [ ! -e "$folder" ] || echo "sees $folder"
            done
            [ "$(ls /home)" = op ] || ls /home
            for folder in / /usr /usr/bin /usr/lib /etc/ssl /proc; do
                if (: >"$folder/firedrill-was-here") 2>/dev/null; then echo "can write to $folder"; fi
            done
            [ ! -e /etc/shadow ] || cat /etc/shadow

            for process in /proc/[0-9]*; do
                line=$(tr '\\0' ' ' <"$process/cmdline" 2>/dev/null)
                case $line in
                *blue-1* | *desk* | *pager* | *_replay* | *_supervise* | *$SECRET_SLEEP*) echo "sees process $line" ;;
                esac
            done
            echo "attempts: $tries addresses, $((files > 200)) enough files" >&2
            """

        @Test func fromAHostNothingOutsideIsReachedSeenOrChanged() async throws {
            try await withKept { kept in
                let root = kept.root
                let listener = try await Listener(folder: root.base)
                // Controls: the listener answers here, and the other host's process is seen there.
                let control = try await Command(
                    ["curl", "-s", "-m", "3", "http://127.0.0.1:\(listener.port)/"], folder: root.base
                ).end(within: .seconds(10))
                #expect(control.status == 0, "\(control.text)")
                let abstract = try await Command(
                    ["sh", "-c", "echo x | socat -T1 - ABSTRACT-CONNECT:\(listener.abstractName)"], folder: root.base
                ).end(within: .seconds(10))
                #expect(abstract.output.contains("hello"), "\(abstract.text)")
                let memory = try await Command(["ipcmk", "-M", "4096"], folder: root.base).end(within: .seconds(10))
                let segment = try #require(memory.output.split(whereSeparator: \.isWhitespace).last.map(String.init))
                let sleep = "86\(getpid())"
                let other = try await kept.ssh(
                    "blue-1",
                    "setsid sleep \(sleep) >/dev/null 2>&1 </dev/null & sleep 0.2; tr '\\0' ' ' </proc/[0-9]*/cmdline; cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
                )
                #expect(other.output.contains("sleep \(sleep)"), "\(other.text)")

                let variables = [
                    "PORT": "\(listener.port)", "OUTSIDE": Listener.ownAddresses.joined(separator: " "),
                    "ROOT": root.path,
                    "PACKAGE": Programs.package, "HOME_OUTSIDE": NSHomeDirectory(), "SECRET_SLEEP": sleep,
                    "ABSTRACT": listener.abstractName,
                ]
                let lines = variables.map { "\($0.key)='\($0.value)'\n" }.joined()
                // As a file: a script on a command line would see itself in the process list.
                let script = "\(root.base)/attempts"
                try (lines + Self.attempts).write(toFile: script, atomically: true, encoding: .utf8)
                let copy = try await Command(
                    ["scp", "-q", "-F", kept.config, script, "red-1:/tmp/attempts"], folder: root.base
                ).end(within: .seconds(20))
                #expect(copy.status == 0, "\(copy.text)")
                let found = try await kept.ssh("red-1", "sh /tmp/attempts")
                #expect(found.output == "", "these should have been impossible")
                // The script must have got to its end and have tried something.
                #expect(found.errors.contains("attempts: "), "\(found.text)")
                #expect(found.errors.contains("1 enough files"), "\(found.text)")
                #expect(listener.accepted == 2, "only the two controls may have arrived")
                let removed = try await Command(["ipcrm", "-m", segment], folder: root.base).end(within: .seconds(10))
                #expect(removed.status == 0, "the control's memory was still there: \(removed.text)")
                await listener.stop()
            }
        }
    }
}
