/// Keeps a daemon alive for exactly as long as the test process is.
///
/// A shell in a session of its own starts the daemon, says so, and waits on a pipe that only the test process holds.
/// However the test ends (return, crash, Ctrl-C, SIGKILL), the kernel closes the pipe, and the shell stops the daemon
/// and removes its folder.
final class Supervisor: Sendable {
    private let child: ChildProcess
    private static let readyLine = "supervisor: ready"

    /// `start` must return once the daemon accepts connections, and fail otherwise; `pidFile` names what to stop.
    ///
    /// `signal` ends it in good order.
    init(start: String, pidFile: String, folder: TemporaryFolder, signal: String = "TERM") throws {
        let script = """
            trap '' INT HUP
            # Enough for thousands of sessions; not more, as some daemons close every possible descriptor one by one.
            ulimit -n 20000 2>/dev/null || ulimit -n "$(ulimit -H -n)"
            clean() { [ "$KEEP" = 1 ] || rm -rf "$FOLDER"; }
            if ! ( \(start) ) </dev/null; then clean; exit 1; fi
            # Dovecot writes its number just after it has gone into the background; Postfix pads it with spaces.
            for try in $(seq 500); do [ -s "$PID_FILE" ] && break; sleep 0.02; done
            number() { head -n 1 "$PID_FILE" | tr -d ' \n'; }
            pid=$(number) || exit 1
            echo '\(Self.readyLine)'
            cat >/dev/null
            # A test may have started it anew.
            [ -s "$PID_FILE" ] && pid=$(number)
            kill -s \(signal) -- -$pid
            # The daemon leads a group of processes, and some of them would stay as long as they have clients.
            for try in $(seq 100); do
                grep -qs '^State:[[:space:]][^Z]' "/proc/$pid/status" || break
                [ $try = 6 ] && kill -s KILL -- -$pid
                sleep 0.05
            done
            kill -s KILL -- -$pid 2>/dev/null
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
