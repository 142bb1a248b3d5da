package import MIME
package import Model

extension SpamVerdict {
    /// What the filter nearest to the reader said: filters put their fields on top, so the first that tells counts.
    ///
    /// A sender can write such fields too, but only below those of the receiving server.
    package init?(reading headers: Headers) {
        for field in headers.fields {
            guard let read = Self.readers[field.name.lowercased()] else { continue }
            let text = headers.text(of: field).prefix(2000).lowercased().drop { $0 == " " }
            guard var verdict = read(String(text)) else { continue }
            if verdict.score == nil, field.name.lowercased().hasPrefix("x-spam") {
                verdict.score = Self.companionScore(in: headers, of: verdict.isSpam)
            }
            self.init(isSpam: verdict.isSpam, score: verdict.score, source: field.name.lowercased())
            return
        }
        return nil
    }

    private typealias Reading = (isSpam: Bool, score: Double?)

    private static let readers: [String: @Sendable (String) -> (isSpam: Bool, score: Double?)?] = [
        // SpamAssassin: "Yes, score=15.9 required=5.0 …"; its versions before 3.0 say hits=.
        "x-spam-status": { word($0, yes: ["yes"], no: ["no"], score: ["score=", "hits="]) },
        "x-spam-flag": { word($0, yes: ["yes", "true"], no: ["no", "false"]) },
        "x-spam": { word($0, yes: ["yes", "true", "spam"], no: ["no", "false", "ham"]) },
        // rspamd: "default: False [-3.10 / 15.00]; …"
        "x-spamd-result": { text in
            guard let colon = text.firstIndex(of: ":") else { return nil }
            return word(String(text[text.index(after: colon)...]), yes: ["true"], no: ["false"], score: ["["])
        },
        "x-rspamd-action": { text in
            word(
                text, yes: ["add header", "rewrite subject", "reject", "quarantine"],
                no: ["no action", "greylist"])
        },
        // Microsoft: a spam confidence level of 5 and more is spam; -1 is mail that was not filtered.
        "x-ms-exchange-organization-scl": { confidence($0) },
        "x-forefront-antispam-report": forefront, "x-forefront-antispam-report-untrusted": forefront,
        "x-bogosity": { word($0, yes: ["spam", "yes"], no: ["ham", "no"], score: ["spamicity="]) },
        "x-dspam-result": { word($0, yes: ["spam", "bl"], no: ["innocent", "whitelisted"]) },
        "x-crm114-status": { word($0, yes: ["spam"], no: ["good"], score: ["pr: "]) },
        "x-barracuda-spam-status": { word($0, yes: ["yes"], no: ["no"], score: ["score="]) },
        "x-proofpoint-spam-details": { text in
            guard let rule = value(of: "rule=", in: text) else { return nil }
            return word(rule, yes: ["spam", "phish"], no: ["notspam", "safe"]).map {
                ($0.isSpam, number(after: " score=", in: text))
            }
        },
        // GMX and Web.de: "notjunk:1;…" or "junk:10;…"
        "x-ui-filterresults": { word($0, yes: ["junk"], no: ["notjunk"]) },
        "x-klms-antispam-status": { word($0, yes: ["spam", "probable_spam", "massmail"], no: ["not_detected"]) },
    ]

    /// The value begins with one of the words, and nothing that would make it another word follows.
    private static func word(_ text: String, yes: [String], no: [String], score names: [String] = []) -> Reading? {
        let text = text.drop { $0 == " " }
        func begins(with word: String) -> Bool {
            guard text.hasPrefix(word) else { return false }
            return text.dropFirst(word.count).first.map { !$0.isLetter && $0 != "_" } ?? true
        }
        let isSpam: Bool
        if yes.contains(where: begins) {
            isSpam = true
        } else if no.contains(where: begins) {
            isSpam = false
        } else {
            return nil
        }
        return (isSpam, names.lazy.compactMap { number(after: $0, in: String(text)) }.first)
    }

    private static func confidence(_ text: String) -> Reading? {
        guard let level = number(text[...]), (-1...9).contains(level) else { return nil }
        return (level >= 5, level)
    }

    /// "CIP:…;SCL:5;SRV:;SFV:SPM;…": the verdict SFV decides where it is one, else the level.
    @Sendable private static func forefront(_ text: String) -> Reading? {
        var members: [Substring: Substring] = [:]
        for member in text.split(separator: ";") {
            let pair = member.drop { $0 == " " }.split(separator: ":", maxSplits: 1)
            if pair.count == 2 { members[pair[0]] = pair[1] }
        }
        let level = members["scl"].flatMap { confidence(String($0)) }
        switch members["sfv"] {
        case "spm", "sks", "skb": return (true, level?.score)
        case "nspm", "skn", "ska", "skq", "sfe": return (false, level?.score)
        default: return level
        }
    }

    /// SpamAssassin and those that imitate it spread one verdict over several fields.
    private static func companionScore(in headers: Headers, of isSpam: Bool) -> Double? {
        if let status = headers.text("X-Spam-Status"),
            let reading = word(status.prefix(2000).lowercased(), yes: ["yes"], no: ["no"], score: ["score=", "hits="]),
            reading.isSpam == isSpam, let score = reading.score
        {
            return score
        }
        return headers.text("X-Spam-Score").flatMap { number($0.prefix(100)[...]) }
    }

    private static func value(of name: String, in text: String) -> String? {
        guard let range = text.firstRange(of: name) else { return nil }
        return String(text[range.upperBound...])
    }

    private static func number(after name: String, in text: String) -> Double? {
        value(of: name, in: text).flatMap { number($0[...]) }
    }

    /// The number that the text begins with.
    private static func number(_ text: Substring) -> Double? {
        let digits = text.drop { $0 == " " }.prefix {
            $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-" || $0 == "+")
        }
        return Double(digits)
    }
}
