package import HTTP
package import HTTPServer
package import RemoteMail

/// A request body that was put somewhere, to be read as often as needed.
package struct SpooledBody: Sendable {
    package var upload: MessageUpload
    /// SHA-256 of the octets: what tells one body from another.
    package var digest: [UInt8]
    /// The parts of a form, and where they lie.
    package var parts: [FormPart] = []

    package init(upload: MessageUpload, digest: [UInt8]) {
        self.upload = upload
        self.digest = digest
    }
}

/// Takes a body in as it arrives, no more than `limit` octets of it (`HTTPRefusal.bodyTooLarge`).
package typealias BodySpooler = @Sendable (_ body: RequestBody, _ limit: Int) async throws -> SpooledBody
