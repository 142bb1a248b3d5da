import Glibc
import Transport

/// A CA and what it signed, made by the openssl program in a temporary folder that is gone after the run.
struct Certificates: Sendable {
    static let shared = Result { () throws in try Certificates() }

    let folder: String

    struct Failed: Error { let command: String }

    private init() throws {
        var template = Array("/tmp/transport-tests-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failed(command: "mkdtemp") }
        folder = String(cString: made)
        Self.removeAtExit(folder)
        try authority("ca")
        try authority("other")
        try leaf("good", by: "ca", names: "DNS:mail.example,DNS:*.wild.example,IP:127.0.0.1,IP:::1")
        try leaf("expired", by: "ca", names: "DNS:mail.example,IP:127.0.0.1", days: -1)
        try run(
            """
            req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout self.key -out self.pem \
            -subj /CN=mail.example -addext subjectAltName=DNS:mail.example
            """)
    }

    private static func removeAtExit(_ folder: String) {
        setenv("TRANSPORT_TESTS_FOLDER", folder, 1)
        atexit {
            guard let folder = getenv("TRANSPORT_TESTS_FOLDER") else { return }
            _ = system("rm -rf '\(String(cString: folder))'")
        }
    }

    private func authority(_ name: String) throws {
        try run(
            """
            req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout \(name).key -out \(name).pem \
            -subj '/CN=Test \(name)' -days 30
            """)
    }

    private func leaf(_ name: String, by authority: String, names: String, days: Int = 30) throws {
        try run(
            """
            req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout \(name).key -out \(name).csr \
            -subj /CN=\(name) -addext 'subjectAltName=\(names)'
            """)
        try run(
            """
            x509 -req -in \(name).csr -CA \(authority).pem -CAkey \(authority).key -CAcreateserial -days \(days) \
            -copy_extensions copy -out \(name).pem
            """)
    }

    private func run(_ arguments: String) throws {
        let command = "cd \(folder) && openssl \(arguments) >>log 2>&1"
        guard system(command) == 0 else { throw Failed(command: command) }
    }

    func path(_ file: String) -> String { "\(folder)/\(file)" }

    func pem(_ file: String) throws -> PEM { try PEM(file: path(file)) }

    func server(_ name: String = "good", protocols: [String] = []) throws -> TLSContext {
        try TLSContext.server(
            TLSServerConfiguration(
                certificateChain: pem("\(name).pem"), privateKey: pem("\(name).key"), applicationProtocols: protocols))
    }

    func client(
        trusting authority: String? = "ca", verify: Bool = true, minimum: TLSVersion = .tls12, protocols: [String] = [],
        resumes: Bool = false
    ) throws -> TLSContext {
        try TLSContext.client(
            TLSClientConfiguration(
                verify: verify, caCertificates: authority.map { try pem("\($0).pem") }, minimumVersion: minimum,
                applicationProtocols: protocols, resumesSessions: resumes))
    }
}

/// The openssl program as a peer, ended with the test.
final class OpenSSLProgram: Sendable {
    let process: pid_t
    private let output: Int32

    /// Runs `openssl` with its standard output in a pipe and its input from `/dev/null` or a file.
    init(_ arguments: [String], input: String = "/dev/null") throws {
        var pipes: [Int32] = [0, 0]
        guard pipe(&pipes) == 0 else { throw Certificates.Failed(command: "pipe") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addclose(&actions, pipes[0])
        posix_spawn_file_actions_addclose(&actions, pipes[1])
        var words = (["openssl"] + arguments).map { strdup($0) } + [nil]
        var process = pid_t()
        let result = posix_spawnp(&process, "openssl", &actions, nil, &words, environ)
        for word in words { free(word) }
        posix_spawn_file_actions_destroy(&actions)
        close(pipes[1])
        self.process = process
        output = pipes[0]
        guard result == 0 else { throw Certificates.Failed(command: arguments.joined(separator: " ")) }
    }

    deinit {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        close(output)
    }

    /// Reads the program's output until `isEnough`, or its end.
    func read(until isEnough: @escaping @Sendable (String) -> Bool) async throws -> String {
        let output = output
        return try await BlockingPool.work.run {
            var text: [UInt8] = []
            var byte: UInt8 = 0
            while Glibc.read(output, &byte, 1) == 1 {
                text.append(byte)
                if byte == 10, isEnough(String(decoding: text, as: UTF8.self)) { break }
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// The port that `s_server -accept 127.0.0.1:0` says it took.
    func port() async throws -> UInt16 {
        let text = try await read { $0.contains("ACCEPT ") }
        guard let number = text.split(separator: ":").last?.prefix(while: \.isNumber), let port = UInt16(number) else {
            throw Certificates.Failed(command: text)
        }
        return port
    }
}
