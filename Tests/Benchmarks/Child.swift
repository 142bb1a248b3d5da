import Glibc

/// A program that runs beside us, ended when it is not needed any more.
final class Child {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let processID: pid_t
    private let output: UnsafeMutablePointer<FILE>
    private var hasEnded = false

    /// Starts `arguments[0]`, found by PATH; what it prints is read by `line()`.
    init(_ arguments: [String]) throws(Failure) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0, fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0, let output = fdopen(ends[0], "r") else {
            throw Failure(description: "pipe")
        }
        self.output = output
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[1])
        defer { posix_spawn_file_actions_destroy(&actions) }
        var argv = arguments.map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var id: pid_t = 0
        let code = posix_spawnp(&id, arguments[0], &actions, nil, &argv, environ)
        close(ends[1])
        processID = id
        guard code == 0 else {
            hasEnded = true
            throw Failure(description: "\(arguments[0]) cannot be started")
        }
    }

    deinit {
        end()
        fclose(output)
    }

    /// The next line it prints; nil at the end.
    func line() -> String? {
        var buffer: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(buffer) }
        let count = getline(&buffer, &capacity, output)
        guard count > 0, let buffer else { return nil }
        return String(cString: buffer).trimmingLineEnd
    }

    /// Waits for it to end by itself; what it printed, and whether it succeeded.
    func finish() -> (lines: [String], succeeded: Bool) {
        var lines: [String] = []
        while let line = line() { lines.append(line) }
        var status: Int32 = 0
        waitpid(processID, &status, 0)
        hasEnded = true
        return (lines, status == 0)
    }

    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        kill(processID, SIGKILL)
        waitpid(processID, nil, 0)
    }

    /// Octets of memory that it has resident.
    var residentOctets: Int { (kernelNumber(1, of: "statm") ?? 0) * Int(getpagesize()) }

    /// Seconds of processor time that it has used.
    var processorSeconds: Double {
        let ticks = (kernelNumber(13, of: "stat") ?? 0) + (kernelNumber(14, of: "stat") ?? 0)
        return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// A field, counted from 0, of a file in its `/proc` folder.
    private func kernelNumber(_ field: Int, of name: String) -> Int? {
        guard let file = fopen("/proc/\(processID)/\(name)", "r") else { return nil }
        defer { fclose(file) }
        var text = [UInt8](repeating: 0, count: 1024)
        let count = fread(&text, 1, text.count, file)
        let fields = String(decoding: text[..<count], as: UTF8.self).split(separator: " ")
        return fields.count > field ? Int(fields[field]) : nil
    }
}

extension String {
    fileprivate var trimmingLineEnd: String {
        hasSuffix("\n") ? String(dropLast()) : self
    }
}
