/// Keeps a daemon alive for exactly as long as the test process is.
///
/// A shell in a session of its own starts the daemon, says so, and waits on a pipe that only the test process holds.
/// However the test ends (return, crash, Ctrl-C, SIGKILL), the kernel closes the pipe, and the shell stops the daemon
/// and removes its folder.
final class Supervisor: Sendable {
    private let child: ChildProcess
    private static let readyLine = "supervisor: ready"

    /// `start` must return once the daemon accepts connections, and fail otherwise; `pidFile` names what to stop.
    init(start: String, pidFile: String, folder: TemporaryFolder) throws {
        let script = """
            trap '' INT HUP
            ulimit -n "$(ulimit -H -n)" 2>/dev/null
            clean() { [ "$KEEP" = 1 ] || rm -rf "$FOLDER"; }
            if ! ( \(start) ) </dev/null; then clean; exit 1; fi
            # Dovecot writes its number just after it has gone into the background.
            for try in $(seq 500); do [ -s "$PID_FILE" ] && break; sleep 0.02; done
            pid=$(cat "$PID_FILE") || exit 1
            echo '\(Self.readyLine)'
            cat >/dev/null
            kill -TERM $pid
            for try in $(seq 200); do
                grep -qs '^State:[[:space:]][^Z]' "/proc/$pid/status" || break
                [ $try = 100 ] && kill -KILL $pid
                sleep 0.05
            done
            clean
            """
        child = try ChildProcess(
            Command.privilege + [
                "env", "FOLDER=\(folder.path)", "PID_FILE=\(pidFile)", "KEEP=\(TemporaryFolder.keepsFolders ? 1 : 0)",
                "sh", "-c", script,
            ])
        do {
            _ = try child.output.waitForLine(containing: Self.readyLine, seconds: 60)
        } catch {
            child.closeInput()
            throw ServerFailure("\(error)")
        }
    }

    /// Stops the daemon and waits until it is gone.
    func stop() throws {
        child.closeInput()
        try child.waitUntilExit()
    }

    deinit {
        child.closeInput()
    }
}
