/// What a server does otherwise than its capabilities say, known by its name: what no parser can see.
///
/// `Quirks` are deviations from the grammar; these are deviations from what the standards promise.
package struct ServerHabits: Sendable, Equatable {
    /// How news of a mailbox is got where IDLE does not bring it.
    package enum Polling: Sendable, Equatable {
        case noop
        /// NOOP tells nothing: Coremail (163.com, 126.com).
        case status
        /// NOOP and STATUS tell nothing of the selected mailbox until it is selected again: Naver.
        case select
    }

    /// An IDLE is begun anew after so long; nil for the usual.
    package var idleRenewal: Duration?
    package var polling = Polling.noop
    /// How often to ask; nil for the usual.
    package var pollInterval: Duration?
    /// Whether ENVELOPE may be believed where it is well-formed: Lark leaves out addresses that the header has.
    package var hasReliableEnvelope = true

    package init() {}

    /// By the name that was dialled and by what the server says of itself (RFC 2971).
    package init(host: String, identification: [String: String] = [:]) {
        let host = host.lowercased()
        func isBelow(_ domains: String...) -> Bool {
            domains.contains { host == $0 || host.hasSuffix(".\($0)") }
        }
        if isBelow("yahoo.com", "aol.com", "yahoo.co.jp") {
            idleRenewal = .seconds(180)
        } else if isBelow("rambler.ru") {
            idleRenewal = .seconds(55)
        } else if isBelow("163.com", "126.com", "yeah.net")
            || identification["name"]?.lowercased().hasPrefix("coremail") == true
        {
            polling = .status
            pollInterval = .seconds(55)
        } else if isBelow("naver.com") {
            polling = .select
        } else if isBelow("larksuite.com", "feishu.cn") {
            hasReliableEnvelope = false
        }
    }
}
