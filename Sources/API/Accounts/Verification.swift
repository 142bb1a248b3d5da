import MailClient
import Model
import Representation

/// What probing settings brought.
struct Verification: JSONWritable {
    let results: [MailProtocol: MailClientError?]

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("ok", results.values.allSatisfy { $0 == nil })
            for name in MailProtocol.allCases {
                writer.member(name.rawValue, results[name].map { ProtocolResult(error: $0) })
            }
        }
    }

    private struct ProtocolResult: JSONWritable {
        let error: MailClientError?

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("ok", error == nil)
                writer.member("code", error?.code)
                writer.member("detail", error.map { String(describing: $0) })
            }
        }
    }
}
