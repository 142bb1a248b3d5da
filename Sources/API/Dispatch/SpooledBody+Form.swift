import Crypto
import HTTP
import Outbox
import RemoteMail

extension SpooledBody {
    /// The same body with its parts found.
    ///
    /// The digest becomes one of the parts alone, because clients make another boundary each time they send the same form.
    func asForm(boundary: String?) async throws -> SpooledBody {
        var result = self
        do {
            var scanner = try FormScanner(boundary: boundary)
            var position = 0
            while position < upload.size {
                let octets = try await upload.read(position, Limits.spoolPiece)
                guard !octets.isEmpty else { break }
                position += octets.count
                try scanner.read(octets)
            }
            result.parts = try scanner.finish()
        } catch let fault as FormFault {
            throw Problem.invalid([RequestFault(.pointer(""), fault.detail)])
        }
        var hash = SHA256()
        for part in result.parts {
            let head = "\(part.name)\n\(part.fileName ?? "")\n\(part.type ?? "")\n\(part.range.count)\n"
            hash.update(data: Array(head.utf8))
            try await file.part(part.range).stream { hash.update(data: $0) }
        }
        result.digest = Array(hash.finalize())
        return result
    }

    /// The octets as the outbox reads them.
    var file: ContentFile { ContentFile(size: upload.size, read: upload.read) }
}
