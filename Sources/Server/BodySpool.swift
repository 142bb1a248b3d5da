import API
import Crypto
import Database
import HTTP
import HTTPServer
import RemoteMail
import Transport

/// Puts request bodies into files without names in the data folder.
enum BodySpool {
    static func spooler(in folder: String) -> BodySpooler {
        { body, limit in
            if let length = body.length, length > limit { throw HTTPRefusal.bodyTooLarge(limit: limit) }
            let file = try await BlockingPool.work.run { try SpoolFile(in: folder) }
            var hash = SHA256()
            var size = 0
            while let octets = try await body.next() {
                guard size + octets.count <= limit else { throw HTTPRefusal.bodyTooLarge(limit: limit) }
                hash.update(data: octets)
                let offset = size
                try await BlockingPool.work.run { try file.write(octets, at: offset) }
                size += octets.count
            }
            return SpooledBody(
                upload: MessageUpload(size: size) { offset, count in
                    try await BlockingPool.work.run { try file.read(count, at: offset) }
                }, digest: Array(hash.finalize()))
        }
    }
}
