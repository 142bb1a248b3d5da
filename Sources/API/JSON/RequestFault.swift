package import Model
package import Representation

/// One thing that is wrong in a request: where, and why.
package struct RequestFault: Sendable, Equatable {
    /// The part of the request.
    package enum Location: Sendable, Equatable {
        /// RFC 6901, into the body.
        case pointer(String)
        /// A query parameter.
        case parameter(String)
        /// A header field.
        case header(String)
    }

    package var location: Location
    package var detail: String
    /// A stable word where a mail server is the reason.
    package var code: String?

    package init(_ location: Location, _ detail: String, code: String? = nil) {
        self.location = location
        self.detail = detail
        self.code = code
    }

    package init(_ fault: FieldFault) { self.init(.pointer(fault.pointer), fault.detail) }
}

extension RequestFault: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            switch location {
            case .pointer(let pointer): writer.member("pointer", pointer)
            case .parameter(let name): writer.member("parameter", name)
            case .header(let name): writer.member("header", name)
            }
            writer.member("detail", detail)
            if let code { writer.member("code", code) }
        }
    }
}

/// Gathers what is wrong while a request is read, so that the caller learns all of it at once.
package final class FaultCollector {
    package private(set) var faults: [RequestFault] = []

    package init() {}

    package func add(_ fault: RequestFault) {
        if faults.count < Limits.faults { faults.append(fault) }
    }

    func hasFault(under pointer: String) -> Bool {
        faults.contains { fault in
            if case .pointer(let place) = fault.location { place.hasPrefix(pointer + "/") } else { false }
        }
    }

    /// Call it when all has been read, before anything is done.
    package func check() throws(Problem) {
        if !faults.isEmpty { throw .invalid(faults) }
    }
}
