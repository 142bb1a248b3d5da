import Glibc
import HTTPServer
import Transport

/// What the kernel knows of a connection (`/proc/net/tcp`): the only one who can tell a client that the server has read.
enum ConnectionState: String {
    case established = "01"
    /// The client has sent its end.
    case closeWait = "08"
}

extension TestServer {
    /// Comes back when the server has read all that its clients sent, their end too where that is asked for.
    ///
    /// An end counts as one octet that waits.
    func waitUntilAllIsRead(_ state: ConnectionState = .established) async throws {
        while true {
            let waiting = Self.queues(port: server.address.port, state)
            if !waiting.isEmpty, waiting.allSatisfy({ $0 == 0 }) { return }
            try await loops.next().sleep(for: .milliseconds(2))
        }
    }

    /// Octets that wait for the owner of the port, for each of its connections in that state.
    private static func queues(port: UInt16, _ state: ConnectionState) -> [Int] {
        var queues: [Int] = []
        for name in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard let file = fopen(name, "r") else { continue }
            defer { fclose(file) }
            var line: UnsafeMutablePointer<CChar>?
            var capacity = 0
            defer { free(line) }
            while getline(&line, &capacity, file) > 0, let text = line.map({ String(cString: $0) }) {
                // sl, local address:port, remote address:port, state, tx_queue:rx_queue, all of them in hexadecimal.
                let fields = text.split(separator: " ")
                guard fields.count > 4, fields[3] == state.rawValue,
                    fields[1].split(separator: ":").last.flatMap({ UInt16($0, radix: 16) }) == port,
                    let queue = fields[4].split(separator: ":").last.flatMap({ Int($0, radix: 16) })
                else { continue }
                queues.append(queue)
            }
        }
        return queues
    }
}
