package import Model

extension AuthenticationReport: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("authservId", authority)
            writer.member("trust", isLearned ? "learned" : "named")
            writer.member("results", array: results)
        }
    }
}

extension AuthenticationResult: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("method", method)
            writer.member("result", result)
            writer.member("reason", reason)
            writer.name("properties")
            writer.array(properties) { writer, property in
                writer.object { writer in
                    writer.member("name", property.name)
                    writer.member("value", property.value)
                }
            }
        }
    }
}

extension SignatureVerdict: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("result", result)
            writer.member("reason", reason)
            writer.member("domain", domain)
            writer.member("selector", selector)
            writer.member("identity", identity)
            writer.member("algorithm", algorithm)
            writer.member("signedHeaders", array: signedFields)
            writer.member("unsignedOctets", unsignedOctets)
            writer.member("signedAt", signedAt)
            writer.member("expiresAt", expiresAt)
            writer.member("isTesting", isTesting)
        }
    }
}

extension MailingList: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("name", name)
            writer.member("unsubscribe", array: unsubscribe)
            writer.member("oneClick", oneClick)
        }
    }
}

extension MessageProtection: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("standard", standard.rawValue)
            writer.member("kind", kind.rawValue)
            writer.member("part", part)
            writer.member("signature", signature)
        }
    }
}
